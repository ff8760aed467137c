"""One origin for everything, `http://localhost:8400`: what CloudFront is in the cloud."""
