#!/usr/bin/env python3
"""Loads a result folder where people serve models and compares with what its report says.

usage: python3 deploy/interop/check.py RESULT TEXT NAME@LENGTH     (pip install torch transformers gguf)

Computes the perplexity of RESULT/model by transformers, from the Hugging Face files and, where there is one, from
model.gguf, on TEXT (plain text) with segments of LENGTH tokens, and compares with report.json. Exits 1 on a difference
of more than 1e-4 relative. Needs uniform widths: stock transformers knows no others.
"""
import json
import math
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def perplexity(model, ids, length):
    segments = ids[: len(ids) // length * length].view(-1, length)
    nll = 0.0
    with torch.no_grad():
        for batch in segments.split(16):
            logits = model(batch).logits[:, :-1].double()
            nll += torch.nn.functional.cross_entropy(
                logits.reshape(-1, logits.shape[-1]), batch[:, 1:].reshape(-1), reduction="sum").item()
    return math.exp(nll / (segments.shape[0] * (length - 1)))


def main(result, text, protocol):
    folder = pathlib.Path(result)
    report = json.loads((folder / "report.json").read_text())
    accepted = (report.get("recovery") or {}).get("accepted", False)
    expected = report["models"]["recovered" if accepted else "pruned"]["perplexity"][protocol]
    model_folder = folder / "model"
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    ids = torch.tensor(tokenizer(pathlib.Path(text).read_text(encoding="utf-8"))["input_ids"])
    length = int(protocol.rsplit("@", 1)[1])
    failed = False
    ways = {"hf": {}}
    if (model_folder / "model.gguf").exists():
        ways["gguf"] = {"gguf_file": "model.gguf"}
    for name, arguments in ways.items():
        model = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32, **arguments).eval()
        found = perplexity(model, ids, length)
        difference = abs(found / expected - 1)
        failed |= difference > 1e-4
        print(f"{name}: perplexity {found:.6f}, report {expected:.6f}, relative difference {difference:.1e}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
