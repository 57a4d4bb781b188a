#!/usr/bin/env python3
"""Loads every Hugging Face layout of a model folder with transformers and compares its logits with Espalier's.

usage: hf_logits.py MODEL_FOLDER LOGITS.safetensors

Needs: pip install torch transformers safetensors. CPU. LOGITS holds `tokens` [1, T] and `logits` [T, V] and is written by
tools/logits. MODEL_FOLDER is model/ of a result: itself and every folder in it that has a config.json is loaded, with
trust_remote_code where config.json names code (auto_map). Fails where a logit differs by more than 1e-4, or where greedy
generation without a key-value cache takes another token than with one.
"""
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

TOLERANCE = 1e-4


def generate(model, prompt, use_cache):
    with torch.no_grad():
        return model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=24, max_length=None,
                              do_sample=False, use_cache=use_cache, eos_token_id=None, pad_token_id=0)[0].tolist()


def check(folder, tokens, expected):
    config = json.loads((folder / "config.json").read_text())
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                       trust_remote_code="auto_map" in config, output_loading_info=True)
    model.eval()
    unused = {kind: list(names) for kind, names in info.items() if names and kind != "error_msgs"}
    with torch.no_grad():
        found = model(tokens).logits[0]
    difference = (found - expected).abs().max().item()
    prompt = tokens[:, :4]
    same = generate(model, prompt, True) == generate(model, prompt, False)
    good = difference <= TOLERANCE and same and not unused
    print(f"{'ok' if good else 'BAD':4}{folder.name:18}{type(model).__name__:26}max |difference| {difference:.1e}  "
          f"generate with cache = without: {same}{'  ' + str(unused) if unused else ''}")
    return good


def main(folder, logits):
    torch.set_num_threads(1)
    golden = load_file(logits)
    folders = [folder] + sorted(f for f in folder.iterdir() if (f / "config.json").exists())
    print(f"transformers {transformers.__version__}, torch {torch.__version__}")
    results = [check(f, golden["tokens"].long(), golden["logits"]) for f in folders]
    return 0 if all(results) else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]))
