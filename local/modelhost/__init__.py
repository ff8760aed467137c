"""The model host: SageMaker's asynchronous endpoints on one machine, with real models."""
