"""BiRefNet in the cloud: what SageMaker's stock PyTorch container calls (`SAGEMAKER_PROGRAM`).

The network's own code comes with its weights, from the bucket that the operator filled.
"""

from typing import Any

import torch
from PIL import Image
from toolkit import parse_object, picture, png
from torchvision import transforms
from transformers import AutoModelForImageSegmentation

NETWORK_PX = 1024
MAX_PIXELS = 2_359_296
MEANS, DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's colours, as the network was trained."""


def model_fn(model_dir: str) -> Any:
    network = AutoModelForImageSegmentation.from_pretrained(
        model_dir, trust_remote_code=True, local_files_only=True
    )
    return network.to("cuda" if torch.cuda.is_available() else "cpu").eval()


def transform_fn(
    network: Any, body: bytes | bytearray, content_type: str, accept: str
) -> tuple[bytes, str]:
    """One invocation: JSON in, a PNG with a transparent background out."""
    del accept  # there is one kind of answer
    image = picture(parse_object(body, content_type).get("image"), MAX_PIXELS).convert("RGB")
    image.putalpha(_mask(network, image))
    return png(image), "image/png"


def _mask(network: Any, image: Image.Image) -> Image.Image:
    """White where the picture's subject is, in the picture's size."""
    prepare = transforms.Compose(
        [
            transforms.Resize((NETWORK_PX, NETWORK_PX)),
            transforms.ToTensor(),
            transforms.Normalize(MEANS, DEVIATIONS),
        ]
    )
    weights = next(network.parameters())
    given = prepare(image).unsqueeze(0).to(weights.device, weights.dtype)
    with torch.no_grad():
        found = network(given)[-1].sigmoid().float().cpu()[0].squeeze()
    mask: Image.Image = transforms.ToPILImage()(found)
    return mask.resize(image.size)
