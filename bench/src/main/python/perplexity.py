"""Perplexity of segments with transformers' forward: logits of a batch, cross entropy of the next tokens."""

import math

import torch

from common import arguments, found, load, shortest, tokens

BATCH_TOKENS = 2048

given = arguments()
segments = tokens(given)
model, loading = load(given)
model.eval()
model.to(getattr(torch, given["dtype"]))
result = {}


@torch.inference_mode()
def run():
    batch = max(1, BATCH_TOKENS // segments.shape[1])
    nll, count = 0.0, 0
    for part in segments.split(batch):
        logits = model(part, use_cache=False).logits[:, :-1].float()
        targets = part[:, 1:].reshape(-1)
        nll += torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets, reduction="sum").item()
        count += targets.numel()
    result["perplexity"] = math.exp(nll / count)


seconds = shortest(given["repeats"], run)
found(seconds=seconds, withLoading=seconds + loading, **result)
