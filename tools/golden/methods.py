"""What five further methods compute of the stories model, in float64, written from their papers' formulas."""

import json

import torch
from safetensors.torch import load_file

import llama64
from common import PRUNING_GOLDEN, STORIES, excerpt_tokens, write_tensors
from importance import LENGTH, SAMPLES, gradients_of

RHO, LAMBDA, JITTER, DAMPING = 0.2, 1e6, 1e-6, 0.01
LOST_GROUP, LOST_CHANNELS = 1, 3


class Stories:
    def __init__(self):
        self.config = json.loads((STORIES / "config.json").read_text())
        self.weights = {n: w.double() for n, w in load_file(STORIES / "model.safetensors").items()}
        start = 2000
        self.tokens = torch.tensor(excerpt_tokens()[start : start + SAMPLES * LENGTH]).reshape(SAMPLES, LENGTH)
        self.layers = self.config["num_hidden_layers"]
        self.kv, self.size = self.config["num_key_value_heads"], self.config["head_dim"]
        self.ratio = self.config["num_attention_heads"] // self.kv

    def at(self, layer, name):
        block = "mlp" if name in ("gate", "up", "down") else "self_attn"
        return f"model.layers.{layer}.{block}.{name}_proj.weight"

    def w(self, layer, name, weights=None):
        return (weights or self.weights)[self.at(layer, name)]

    def taps(self, weights=None):
        seen = {}
        llama64.logits(weights or self.weights, self.config, self.tokens, seen)
        return {key: value.detach().flatten(0, 1) for key, value in seen.items()}

    def groups(self, vector, heads):
        """Adds up the entries of each KV group, contiguous query heads."""
        return vector.reshape(self.kv, -1).sum(1) if heads else vector


def nirvana(m):
    """|W df/dW|, f = mean over batch and vocabulary of the maximum over positions."""
    weights = {n: w.clone().requires_grad_() for n, w in m.weights.items()}
    f = llama64.logits(weights, m.config, m.tokens).max(dim=1).values.mean()
    saliency = {n: (weights[n] * g).abs().detach() for n, g in zip(weights, torch.autograd.grad(f, weights.values()))}
    for i in range(m.layers):
        s = lambda name: saliency[m.at(i, name)]
        yield "nirvana.mlp", s("gate").sum(1) + s("up").sum(1) + s("down").sum(0)
        yield "nirvana.attention", (m.groups(s("k").sum(1), True) + m.groups(s("v").sum(1), True)
                                    + m.groups(s("q").sum(1), True) + m.groups(s("o").sum(0), True))


def newton(x, w):
    """The relaxed mask by iterating Newton's step, as the paper writes it."""
    g = (w @ w.T) * (x.T @ x)
    n, scale = len(g), g.diagonal().mean()
    g = g + JITTER * scale * torch.eye(n, dtype=g.dtype)
    weight, ones = LAMBDA * scale, torch.ones(n, dtype=g.dtype)
    z = torch.rand(n, generator=torch.Generator().manual_seed(1), dtype=g.dtype)
    for _ in range(50):
        gradient = g @ (z - 1) + weight * (z.sum() - (1 - RHO) * n) * ones
        z = z - torch.linalg.solve(g + weight, gradient)
    return z


def numerical(m, taps):
    for i in range(m.layers):
        yield "numerical.z.attention", newton(taps[i, "o"], m.w(i, "o").T).view(m.kv, -1).mean(1)
        yield "numerical.z.mlp", newton(taps[i, "down"], m.w(i, "down").T)


def phi(x, w):
    gram = 2 * x.T @ x
    gram = gram + DAMPING * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
    return w.pow(2) / torch.linalg.inv(gram).diagonal()


def search(m, taps):
    fold = lambda v: v.view(m.kv, m.ratio, m.size).sum(1).flatten()
    for i in range(m.layers):
        x = taps[i, "qkv"]
        yield "search.phi.attention", (phi(x, m.w(i, "k")).sum(1) + phi(x, m.w(i, "v")).sum(1)
                                       + fold(phi(x, m.w(i, "q")).sum(1)) + fold(phi(taps[i, "o"], m.w(i, "o")).sum(0)))
        x = taps[i, "gate_up"]
        yield "search.phi.mlp", (phi(x, m.w(i, "up")).sum(1) + phi(x, m.w(i, "gate")).sum(1)
                                 + phi(taps[i, "down"], m.w(i, "down")).sum(0))


def bip(m, taps):
    for i in range(m.layers):
        o, up, gate, down = (m.w(i, name).abs() for name in ("o", "up", "gate", "down"))
        x_o, x_d = taps[i, "o"], taps[i, "down"]
        a = down.sum(0)
        plain = 1 + up.T @ a
        yield "bip.l1.plain.mlp", x_d.abs().sum(0) * a
        yield "bip.l1.plain.attention", x_o.abs().sum(0) * (o.T @ plain)
        rms = (taps[i, "residual"].pow(2).mean(1, keepdim=True) + m.config["rms_norm_eps"]).sqrt()
        n = m.weights[f"model.layers.{i}.post_attention_layernorm.weight"].abs()
        activated = (torch.nn.functional.silu(taps[i, "gate"]).abs() * a) @ up
        linear = 1.0998 * (taps[i, "up"].abs() * a) @ gate
        gated = 1 + (n * (activated + linear) / rms).mean(0)
        yield "bip.l1.gated.attention", x_o.abs().sum(0) * (o.T @ gated)
        yield "bip.l2.plain.mlp", x_d.norm(dim=0) * down.norm(dim=0)
        yield "bip.l2.plain.attention", x_o.norm(dim=0) * o.norm(dim=0) * (1 + up.norm() * down.norm())


def adapruner(m, layer=3):
    weights = {n: w.clone().requires_grad_() for n, w in m.weights.items()}
    for sample in (0, SAMPLES - 1):
        gradients = gradients_of(weights, m.config, m.tokens[sample : sample + 1])
        for name in ("k", "o", "v", "q", "gate", "down", "up"):
            p = (weights[m.at(layer, name)] * gradients[m.at(layer, name)]).detach()
            dim = 0 if name in ("o", "down") else 1
            unit = lambda v: m.groups(v, name in ("k", "o", "v", "q"))
            yield f"adapruner.{sample}.{name}.signed", p.sum(dim)
            yield f"adapruner.{sample}.{name}.absolute", unit(p.abs().sum(dim))
            yield f"adapruner.{sample}.{name}.squares", unit(p.pow(2).sum(dim))


def lost(m):
    """Input columns of o_proj and down_proj that go."""
    width = m.ratio * m.size
    heads = torch.zeros(m.kv * width, dtype=torch.bool)
    heads[LOST_GROUP * width : (LOST_GROUP + 1) * width] = True
    channels = torch.arange(m.config["intermediate_size"]) % LOST_CHANNELS == 0
    return heads, channels


def least_squares(x, w, gone):
    """argmin ||(W' - W) X||^2 + ridge ||W' - W||^2 on the kept columns, by QR of the activations."""
    kept = ~gone
    ridge = (DAMPING * x[:, kept].pow(2).sum(0).mean()).sqrt()
    inputs = torch.cat([x[:, kept], ridge * torch.eye(int(kept.sum()), dtype=x.dtype)])
    wanted = torch.cat([x[:, gone] @ w[:, gone].T, torch.zeros(int(kept.sum()), len(w), dtype=x.dtype)])
    return w[:, kept] + torch.linalg.lstsq(inputs, wanted, driver="gels").solution.T


def repaired(m):
    """Block by block on the stream already pruned and repaired; o_proj first."""
    weights = dict(m.weights)
    for i in range(m.layers):
        for name, gone in zip(("o", "down"), lost(m)):
            better = least_squares(m.taps(weights)[i, name], m.w(i, name), gone)
            wide = torch.zeros_like(m.w(i, name))
            wide[:, ~gone] = better
            weights[m.at(i, name)] = wide
            if i in (0, m.layers - 1):
                yield f"repaired.{i}.{name}", better


def measured(m):
    weights = dict(m.weights)
    for i in range(m.layers):
        for name, gone in zip(("o", "down"), lost(m)):
            weights[m.at(i, name)] = m.w(i, name) * ~gone
    p = llama64.logits(m.weights, m.config, m.tokens).log_softmax(-1)
    q = llama64.logits(weights, m.config, m.tokens).log_softmax(-1)
    kl = (p.exp() * (p - q)).sum(-1).mean()
    return torch.stack([llama64.loss(weights, m.config, m.tokens).exp(), kl])


def main():
    m = Stories()
    taps = m.taps()
    rows = {}
    for found in (nirvana(m), numerical(m, taps), search(m, taps), bip(m, taps)):
        for name, values in found:
            rows.setdefault(name, []).append(values)
    tensors = {name: torch.stack(values) for name, values in rows.items()}
    tensors |= {name: values[None] for name, values in adapruner(m)} | dict(repaired(m))
    write_tensors(PRUNING_GOLDEN / "methods.safetensors", {"tokens": m.tokens, "measured": measured(m)[None]} | tensors)


if __name__ == "__main__":
    main()
