"""Optimizer steps with peft: adapters on all seven matrices, gradients of a batch gathered over micro-batches, clipped,
AdamW. Without gradient checkpointing, which peft's users turn on only where memory is short."""

import torch
from peft import LoraConfig, get_peft_model

from common import arguments, found, load, shortest, tokens

MATRICES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

given = arguments()
batch = tokens(given)
base, loading = load(given)
model = get_peft_model(base, LoraConfig(r=given["rank"], lora_alpha=given["alpha"], target_modules=MATRICES,
                                        lora_dropout=0.0, task_type="CAUSAL_LM"))
model.train()
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=given["learningRate"], weight_decay=0.01)


def step():
    micros = batch.split(given["microBatch"])
    for micro in micros:
        (model(input_ids=micro, labels=micro, use_cache=False).loss / len(micros)).backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    optimizer.zero_grad()


found(seconds=shortest(given["repeats"], step), loading=loading)
