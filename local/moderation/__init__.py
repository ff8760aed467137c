"""The moderation double: Bedrock Guardrails' and Rekognition's APIs over real classifiers."""
