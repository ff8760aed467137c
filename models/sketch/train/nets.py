"""The two networks: a decoder from latents to pictures, and the flow from noise to latents.

A picture is float [n, 3, 64, 64] in -1..1, a latent float [n, 12, 16, 16]. The flow is a small
U-Net that is told the time, the text's embedding if there is one, and a reference: the latent of
a picture to be guided by, if there is one.
"""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

LATENT_CHANNELS: Final = 12
LATENT_SIDE: Final = 16
PATCH_SIDE: Final = 4
PATCH_VALUES: Final = 3 * PATCH_SIDE**2
TEXT_DIMENSIONS: Final = 384
CONDITION: Final = 384
TIME_FREQUENCIES: Final = 64
GROUPS: Final = 16
HEADS: Final = 4


class Decoder(nn.Module):
    """Draws a latent: mostly one linear step, which is given, and what that step gets wrong."""

    def __init__(self, linear: Tensor) -> None:
        super().__init__()
        self.linear = nn.Conv2d(LATENT_CHANNELS, PATCH_VALUES, 1)
        self.linear.weight = nn.Parameter(linear[:, :, None, None].clone())
        nn.init.zeros_(self.linear.bias)
        self.body = nn.Sequential(
            nn.Conv2d(LATENT_CHANNELS, 96, 3, padding=1),
            Plain(96),
            Plain(96),
            nn.Conv2d(96, 48 * 4, 3, padding=1),
            nn.PixelShuffle(2),
            Plain(48),
            nn.SiLU(),
            nn.Conv2d(48, 3 * 4, 3, padding=1),
            nn.PixelShuffle(2),
        )
        nn.init.zeros_(self.body[-2].weight)
        nn.init.zeros_(self.body[-2].bias)

    def forward(self, latent: Tensor) -> Tensor:
        plain = functional.pixel_shuffle(self.linear(latent), PATCH_SIDE)
        picture: Tensor = plain + self.body(latent)
        return picture


class Plain(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(functional.silu(self.first(functional.silu(x))))


class Block(nn.Module):
    """A residual block that the condition scales and shifts."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.GroupNorm(GROUPS, channels, affine=False) for _ in range(2))
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.modulate = nn.Linear(CONDITION, 4 * channels)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.modulate.weight)
        nn.init.zeros_(self.modulate.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scales_shifts = self.modulate(condition)[:, :, None, None].chunk(4, dim=1)
        h = self.norms[0](x) * (1 + scales_shifts[0]) + scales_shifts[1]
        h = self.first(functional.silu(h))
        h = self.norms[1](h) * (1 + scales_shifts[2]) + scales_shifts[3]
        return x + self.second(functional.silu(h))


class Attention(nn.Module):
    """Every place looks at every other; what convolutions cannot align over the picture."""

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, channels, affine=False)
        self.place = nn.Parameter(torch.zeros(channels, side, side))
        self.inward = nn.Conv2d(channels, 3 * channels, 1)
        self.outward = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.outward.weight)

    def forward(self, x: Tensor) -> Tensor:
        n, channels, height, width = x.shape
        parts = self.inward(self.norm(x) + self.place).reshape(
            n, 3, HEADS, channels // HEADS, height * width
        )
        query, key, value = parts.transpose(-1, -2).unbind(1)
        seen = torch.softmax(query @ key.transpose(-1, -2) * (channels // HEADS) ** -0.5, -1)
        mixed = (seen @ value).transpose(-1, -2).reshape(n, channels, height, width)
        return x + self.outward(mixed)


class Flow(nn.Module):
    """The velocity from picture to noise at time t: 0 is the picture's latent, 1 is noise."""

    def __init__(self, widths: tuple[int, int, int] = (48, 128, 192)) -> None:
        super().__init__()
        fine, middle, coarse = widths
        self.register_buffer("frequencies", torch.exp(torch.linspace(0, 6.2, TIME_FREQUENCIES)))
        self.time = nn.Sequential(
            nn.Linear(2 * TIME_FREQUENCIES, CONDITION), nn.SiLU(), nn.Linear(CONDITION, CONDITION)
        )
        self.text = nn.Sequential(
            nn.Linear(TEXT_DIMENSIONS, CONDITION), nn.SiLU(), nn.Linear(CONDITION, CONDITION)
        )
        self.no_text = nn.Parameter(torch.zeros(CONDITION))
        self.reference = nn.Parameter(torch.zeros(CONDITION))
        # What a place holds on average and how far from it, without and with a reference.
        self.register_buffer("average", torch.zeros(LATENT_CHANNELS, LATENT_SIDE, LATENT_SIDE))
        self.register_buffer("spread", torch.ones(2, LATENT_CHANNELS, LATENT_SIDE, LATENT_SIDE))
        self.inward = nn.Conv2d(2 * LATENT_CHANNELS, fine, 3, padding=1)
        self.place = nn.Parameter(torch.zeros(fine, LATENT_SIDE, LATENT_SIDE))
        self.fine_in = Block(fine)
        self.shrink = nn.Conv2d(4 * fine, middle, 1)
        self.middle_in = nn.ModuleList(Block(middle) for _ in range(2))
        self.shrink_more = nn.Conv2d(4 * middle, coarse, 1)
        self.coarse = nn.ModuleList(Block(coarse) for _ in range(3))
        self.coarse_attention = nn.ModuleList(Attention(coarse, 4) for _ in range(2))
        self.grow = nn.Conv2d(coarse, 4 * middle, 1)
        self.middle_join = nn.Conv2d(2 * middle, middle, 1)
        self.middle_out = nn.ModuleList(Block(middle) for _ in range(2))
        self.middle_attention = nn.ModuleList(Attention(middle, 8) for _ in range(2))
        self.grow_more = nn.Conv2d(middle, 4 * fine, 1)
        self.fine_join = nn.Conv2d(2 * fine, fine, 1)
        self.fine_out = Block(fine)
        self.norm = nn.GroupNorm(GROUPS, fine)
        self.outward = nn.Conv2d(fine, LATENT_CHANNELS, 3, padding=1)
        nn.init.zeros_(self.outward.weight)

    def forward(
        self,
        latent: Tensor,
        time: Tensor,
        text: Tensor,
        has_text: Tensor,
        reference: Tensor,
        has_reference: Tensor,
    ) -> Tensor:
        """`time`, `has_text` and `has_reference` (0 or 1) are [n], `text` [n, 384] standardised."""
        angles = time[:, None] * self.frequencies
        condition = self.time(torch.cat([angles.sin(), angles.cos()], 1))
        said = has_text[:, None] * self.text(text) + (1 - has_text[:, None]) * self.no_text
        condition = functional.silu(condition + said + has_reference[:, None] * self.reference)
        shown = has_reference[:, None, None, None] * reference

        fine = self.fine_in(self.inward(torch.cat([latent, shown], 1)) + self.place, condition)
        middle = self.shrink(functional.pixel_unshuffle(fine, 2))
        middle = self.middle_in[0](middle, condition)
        middle = self.middle_attention[0](middle)
        middle = self.middle_in[1](middle, condition)
        coarse = self.shrink_more(functional.pixel_unshuffle(middle, 2))
        coarse = self.coarse_attention[0](self.coarse[0](coarse, condition))
        coarse = self.coarse_attention[1](self.coarse[1](coarse, condition))
        coarse = self.coarse[2](coarse, condition)
        grown = functional.pixel_shuffle(self.grow(coarse), 2)
        middle = self.middle_join(torch.cat([middle, grown], 1))
        middle = self.middle_attention[1](self.middle_out[0](middle, condition))
        middle = self.middle_out[1](middle, condition)
        grown = functional.pixel_shuffle(self.grow_more(middle), 2)
        fine = self.fine_join(torch.cat([fine, grown], 1))
        fine = self.fine_out(fine, condition)
        correction: Tensor = self.outward(functional.silu(self.norm(fine)))
        return self.guess(latent, time, shown, has_reference) + correction

    def guess(self, latent: Tensor, time: Tensor, shown: Tensor, has_reference: Tensor) -> Tensor:
        """The best velocity if every place were normally distributed by itself, around the
        reference or else the average: the network has only to learn what this gets wrong."""
        has, t = has_reference[:, None, None, None], time[:, None, None, None]
        middle = has * shown + (1 - has) * self.average
        spread = has * self.spread[1] + (1 - has) * self.spread[0]
        share = spread * (1 - t) / (spread * (1 - t) ** 2 + t**2)
        off = latent - (1 - t) * middle
        # Equals (latent - clean) / t without its division by zero at the end.
        clean = middle + share * off
        noise = t / (spread * (1 - t) ** 2 + t**2) * off
        return noise - clean
