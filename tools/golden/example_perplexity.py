#!/usr/bin/env python3
"""Perplexity of the example model by transformers, for ExampleRunTest.

usage: python3 tools/golden/example_perplexity.py     (pip install torch transformers)
"""
import math
import pathlib

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
LENGTH = 128

torch.set_num_threads(1)
folder = EXAMPLES / "models" / "stories"
model = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.float32).eval()
tokenizer = AutoTokenizer.from_pretrained(folder)
text = (EXAMPLES / "data" / "tinystories-valid.txt").read_text(encoding="utf-8")
ids = torch.tensor(tokenizer(text)["input_ids"])
segments = ids[: len(ids) // LENGTH * LENGTH].view(-1, LENGTH)
nll = 0.0
with torch.no_grad():
    for batch in segments.split(16):
        logits = model(batch).logits[:, :-1].double()
        nll += torch.nn.functional.cross_entropy(
            logits.reshape(-1, logits.shape[-1]), batch[:, 1:].reshape(-1), reduction="sum").item()
targets = segments.shape[0] * (LENGTH - 1)
print(f"tokens {len(ids)}, segments {segments.shape[0]}, nll {nll / targets:.6f}, perplexity {math.exp(nll / targets):.6f}")
