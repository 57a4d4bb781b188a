"""What the peers share: arguments, the model, the clock. Each script prints one JSON object as its last line."""

import json
import sys
import time

import torch


def arguments():
    """The script's argument: a JSON object with model, tokens, threads, repeats and what else the script needs."""
    given = json.loads(sys.argv[1])
    torch.set_num_threads(given["threads"])
    torch.manual_seed(0)
    return given


def tokens(given):
    """[sequences, length]"""
    with open(given["tokens"]) as file:
        return torch.tensor(json.load(file))


def load(given):
    """The checkpoint in fp32, as Espalier computes in it, and the seconds that reading took."""
    from transformers import AutoModelForCausalLM

    start = time.perf_counter()
    model = AutoModelForCausalLM.from_pretrained(given["model"], dtype=torch.float32)
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()  # out of the memory map: read now, not while the clock runs
    return model, time.perf_counter() - start


def shortest(repeats, work):
    """Seconds of the shortest of several runs; one before them warms up."""
    work()
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def found(**values):
    print(json.dumps({"torch": torch.__version__, **values}))
