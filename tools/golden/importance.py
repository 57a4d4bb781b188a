"""LLM-Pruner's scores (arXiv:2305.11627 and its code) of every MLP channel and KV group of the stories model."""

import json

import torch
from safetensors.torch import load_file

import llama64
from common import PRUNING_GOLDEN, STORIES, excerpt_tokens, load_stories, write_tensors

SAMPLES, LENGTH = 10, 64
REDUCTIONS = {
    "sum": lambda members: members.sum(0),
    "mean": lambda members: members.mean(0),
    "max": lambda members: members.max(0).values,
    "prod": lambda members: members.prod(0),
    "first": lambda members: members[0],
}


def saliencies(w, g, f):
    """Per criterion the element saliency and whether elements are summed before the absolute value."""
    yield "l1", w.abs(), False
    yield "l2", w.pow(2), False
    yield "vectorize", w * g, True
    yield "param_first", w * g, False
    yield "param_second", w * f * w, False
    yield "param_mix", w * g - 0.5 * w * f * w, False


def per_unit(saliency, signed_sum, dim):
    """One value per row (dim=1: rows go) or per column (dim=0: columns go)."""
    return saliency.sum(dim).abs() if signed_sum else saliency.abs().sum(dim)


def member_vectors(weights, gradients, squares, name, dim):
    return {
        criterion: per_unit(s, signed_sum, dim)
        for criterion, s, signed_sum in saliencies(weights[name], gradients[name], squares[name])
    }


def contiguous(vector, kv, ratio, size):
    """Query head h belongs to KV group h // ratio."""
    return vector.view(kv, ratio, size).sum(1).flatten()


def strided(vector, kv, ratio, size):
    """The official code's fold: query head h counts for KV group h % kv."""
    return vector.view(ratio, kv * size).sum(0)


def score_layer(config, state, layer):
    at = lambda name: f"model.layers.{layer}.{name}.weight"
    vectors = {
        name: member_vectors(*state, at(name), dim)
        for name, dim in {
            "mlp.gate_proj": 1, "mlp.up_proj": 1, "mlp.down_proj": 0,
            "self_attn.q_proj": 1, "self_attn.k_proj": 1, "self_attn.v_proj": 1, "self_attn.o_proj": 0,
        }.items()
    }
    kv, size = config["num_key_value_heads"], config["head_dim"]
    ratio = config["num_attention_heads"] // kv
    for criterion in vectors["mlp.gate_proj"]:
        part = {name: v[criterion] for name, v in vectors.items()}
        mlp = torch.stack([part["mlp.gate_proj"], part["mlp.up_proj"], part["mlp.down_proj"]])
        for reduction, reduce in REDUCTIONS.items():
            yield f"mlp.{criterion}.{reduction}", reduce(mlp)
            for fold_name, fold in (("contiguous", contiguous), ("strided-legacy", strided)):
                members = torch.stack([
                    part["self_attn.k_proj"],
                    fold(part["self_attn.o_proj"], kv, ratio, size),
                    part["self_attn.v_proj"],
                    fold(part["self_attn.q_proj"], kv, ratio, size),
                ])
                yield f"attention.{criterion}.{reduction}.{fold_name}", reduce(members).view(kv, size).sum(1)


def gradients_of(weights, config, tokens):
    found = torch.autograd.grad(llama64.loss(weights, config, tokens), list(weights.values()))
    return dict(zip(weights, found))


def main():
    config = json.loads((STORIES / "config.json").read_text())
    weights = {n: w.double().requires_grad_() for n, w in load_file(STORIES / "model.safetensors").items()}
    start = 2000
    tokens = torch.tensor(excerpt_tokens()[start : start + SAMPLES * LENGTH]).reshape(SAMPLES, LENGTH)
    with torch.no_grad():
        difference = (llama64.logits(weights, config, tokens) - load_stories()(tokens).logits).abs().max().item()
    assert difference < 1e-3, f"the two models differ by {difference}"

    gradients = gradients_of(weights, config, tokens)
    squares = {n: torch.zeros_like(w) for n, w in weights.items()}
    for sample in tokens:
        for name, g in gradients_of(weights, config, sample[None]).items():
            squares[name] += g * g / SAMPLES
    detached = {n: w.detach() for n, w in weights.items()}

    rows = {}
    for layer in range(config["num_hidden_layers"]):
        for name, scores in score_layer(config, (detached, gradients, squares), layer):
            rows.setdefault(name, []).append(scores)
    write_tensors(
        PRUNING_GOLDEN / "importance.safetensors",
        {"tokens": tokens} | {name: torch.stack(scores) for name, scores in rows.items()},
    )


if __name__ == "__main__":
    main()
