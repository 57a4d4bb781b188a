"""A plain scorer for LLM-Pruner's first-order Taylor importance: one batch, one backward pass, |w * dw| summed over the
weights of every key-value group's heads and of every MLP channel. The gradients of embedding and head, which the score
does not need, are not computed: Espalier does not compute them either."""

import torch

from common import arguments, found, load, shortest, tokens

given = arguments()
samples = tokens(given)
model, loading = load(given)
for outer in (model.get_input_embeddings(), model.get_output_embeddings()):
    outer.requires_grad_(False)
head_dim = model.config.hidden_size // model.config.num_attention_heads


def taylor(weight):
    return (weight * weight.grad).abs()


def run():
    model.zero_grad(set_to_none=True)
    model(samples, labels=samples, use_cache=False).loss.backward()
    with torch.no_grad():
        for layer in model.model.layers:
            attention, mlp = layer.self_attn, layer.mlp
            for rows in (attention.q_proj, attention.k_proj, attention.v_proj):
                taylor(rows.weight).sum(1).view(-1, head_dim).sum(1)
            taylor(attention.o_proj.weight).sum(0).view(-1, head_dim).sum(1)
            taylor(mlp.gate_proj.weight).sum(1) + taylor(mlp.up_proj.weight).sum(1) + taylor(mlp.down_proj.weight).sum(0)


seconds = shortest(given["repeats"], run)
found(seconds=seconds, withLoading=seconds + loading)
