"""Log-likelihoods of continuations with transformers' forward, batched as lm-evaluation-harness does: the longest first,
batches of eight filled up to the longest of them, logits of every position."""

import json

import torch

from common import arguments, found, load, shortest

BATCH = 8

given = arguments()
with open(given["tokens"]) as file:
    spans = json.load(file)
targets = given["targets"]
model, _ = load(given)
model.eval()
scores = [0.0] * len(spans)
order = sorted(range(len(spans)), key=lambda i: -len(spans[i]))


@torch.inference_mode()
def run():
    for start in range(0, len(order), BATCH):
        batch = order[start:start + BATCH]
        inputs = [torch.tensor(spans[i][:-1]) for i in batch]
        padded = torch.nn.utils.rnn.pad_sequence(inputs, batch_first=True)
        logits = torch.log_softmax(model(padded, use_cache=False).logits, dim=-1)
        for row, i in enumerate(batch):
            end, count = len(spans[i]) - 1, targets[i]
            wanted = torch.tensor(spans[i][-count:])
            scores[i] = logits[row, end - count:end].gather(1, wanted[:, None]).sum().item()


seconds = shortest(given["repeats"], run)
found(seconds=seconds, scores=scores)
