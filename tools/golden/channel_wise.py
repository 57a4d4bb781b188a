"""LLM-Pruner's channel-wise scores: one group over the hidden dimension, through the whole stories model, in float64."""

import json

import torch
from safetensors.torch import load_file

from common import PRUNING_GOLDEN, STORIES, excerpt_tokens, write_tensors
from importance import LENGTH, SAMPLES, gradients_of, per_unit

CRITERIA = {
    "l1": (lambda w, g: w.abs(), False),
    "l2": (lambda w, g: w.pow(2), False),
    "vectorize": (lambda w, g: w * g, True),
    "param_first": (lambda w, g: w * g, False),
}


def members(config):
    """Names of all weights with a hidden axis, the first norm first, and the axis that is summed over (None: a vector)."""
    for layer in range(config["num_hidden_layers"]):
        at = lambda name: f"model.layers.{layer}.{name}.weight"
        yield at("input_layernorm"), None
        yield from ((at(f"self_attn.{name}_proj"), 0) for name in "qkv")
        yield at("self_attn.o_proj"), 1
        yield at("post_attention_layernorm"), None
        yield from ((at(f"mlp.{name}_proj"), 0) for name in ("gate", "up"))
        yield at("mlp.down_proj"), 1
    yield "model.embed_tokens.weight", 0  # tied: lm_head is the same weight
    yield "model.norm.weight", None


def main():
    config = json.loads((STORIES / "config.json").read_text())
    weights = {n: w.double().requires_grad_() for n, w in load_file(STORIES / "model.safetensors").items()}
    tokens = torch.tensor(excerpt_tokens()[2000 : 2000 + SAMPLES * LENGTH]).reshape(SAMPLES, LENGTH)
    gradients = gradients_of(weights, config, tokens)
    scores = {}
    for criterion, (saliency, signed_sum) in CRITERIA.items():
        vectors = []
        for name, dim in members(config):
            s = saliency(weights[name].detach(), gradients[name])
            vectors.append(s.abs() if dim is None else per_unit(s, signed_sum, dim))
        scores[criterion] = torch.stack(vectors).sum(0, keepdim=True)
        scores[criterion + ".max"] = torch.stack(vectors).max(0, keepdim=True).values
    write_tensors(PRUNING_GOLDEN / "channel-wise.safetensors", {"tokens": tokens} | scores)


if __name__ == "__main__":
    main()
