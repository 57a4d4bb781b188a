"""20 optimizer steps of LoRA on all seven linears of the stories model, with peft and torch.optim.AdamW."""

import math
import random

import torch
from peft import LoraConfig, get_peft_model
from transformers import get_linear_schedule_with_warmup

from common import PRUNING_GOLDEN, excerpt_tokens, load_stories, write_json, write_tensors

SETTINGS = dict(rank=8, alpha=16.0, dropout=0.0, learningRate=2e-3, weightDecay=0.01, clip=2.0, warmup=5, steps=20,
                accumulation=2, microBatch=4, length=32, seed=7)
MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
IGNORED = -100


def batches():
    """Windows of the excerpt; each has a prompt that does not count and an end that is padding."""
    chance = random.Random(SETTINGS["seed"])
    ids, length = excerpt_tokens(), SETTINGS["length"]
    count = SETTINGS["steps"] * SETTINGS["accumulation"]
    tokens = torch.zeros(count, SETTINGS["microBatch"], length, dtype=torch.int64)
    labels = torch.full_like(tokens, IGNORED)
    for micro in range(count):
        for row in range(SETTINGS["microBatch"]):
            used = chance.randint(length // 2, length)
            prompt = chance.randint(0, used // 2)
            start = chance.randrange(1, len(ids) - length)
            piece = torch.tensor([1] + ids[start : start + used - 1])
            tokens[micro, row, :used] = piece
            labels[micro, row, prompt:used] = piece[prompt:]
    return tokens, labels


def summed_loss(model, tokens, labels):
    """Padding stands at the end, where no counted token sees it."""
    predicted = model(tokens).logits[:, :-1].flatten(0, 1)
    return torch.nn.functional.cross_entropy(predicted, labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="sum")


def train(model, tokens, labels):
    """The loss of a step is the mean over all counted tokens of its micro-batches together."""
    s = SETTINGS
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=s["learningRate"], weight_decay=s["weightDecay"])
    schedule = get_linear_schedule_with_warmup(optimizer, s["warmup"], s["steps"])
    record = dict(losses=[], gradientNorms=[], learningRates=[])
    for step in range(s["steps"]):
        micros = range(step * s["accumulation"], (step + 1) * s["accumulation"])
        counted = sum((labels[m][:, 1:] != IGNORED).sum().item() for m in micros)
        total = 0.0
        for m in micros:
            loss = summed_loss(model, tokens[m], labels[m]) / counted
            loss.backward()
            total += loss.item()
        norm = torch.nn.utils.clip_grad_norm_(parameters, s["clip"])
        record["losses"].append(total)
        record["gradientNorms"].append(norm.item())
        record["learningRates"].append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return record


def module_names(model):
    for name, p in model.named_parameters():
        if ".lora_A." in name:
            yield name.removeprefix("base_model.model.").split(".lora_A.")[0], p


def main():
    torch.manual_seed(SETTINGS["seed"])
    base = load_stories()
    model = get_peft_model(base, LoraConfig(
        r=SETTINGS["rank"], lora_alpha=SETTINGS["alpha"], lora_dropout=SETTINGS["dropout"], bias="none",
        target_modules=MODULES, task_type="CAUSAL_LM"))
    first = {name: p.detach().clone() for name, p in module_names(model)}
    tokens, labels = batches()
    record = train(model.eval(), tokens, labels)
    assert all(math.isfinite(x) for x in record["losses"])

    merged = {n: w.double() for n, w in model.merge_and_unload().named_parameters() if n.split(".")[-2] in MODULES}
    write_tensors(PRUNING_GOLDEN / "lora.safetensors",
                  {"tokens": tokens, "labels": labels} | {f"A.{n}": a for n, a in first.items()})
    write_json(PRUNING_GOLDEN / "lora.json", {
        "settings": SETTINGS, **record,
        "merged": {n: {"sum": w.sum().item(), "sumOfSquares": w.pow(2).sum().item()} for n, w in merged.items()},
        "firstEight": {n: w.flatten()[:8].tolist() for n, w in merged.items() if ".layers.2." in n},
    })


if __name__ == "__main__":
    main()
