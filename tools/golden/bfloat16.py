"""Logits of small models whose blocks multiply in bf16, everything else in fp32."""

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from common import MODEL_GOLDEN, STORIES, write_tensors

MODELS = {"stories": STORIES, "mistral": None, "qwen2": None, "phi3": None}  # fp32, bf16, fp16 with biases, fused


def in_bfloat16(linear):
    """x and W rounded, the product rounded, the bias added in fp32."""
    weight, bias = linear.weight.to(torch.bfloat16), linear.bias

    def forward(x):
        y = torch.nn.functional.linear(x.to(torch.bfloat16), weight).float()
        return y if bias is None else y + bias

    return forward


def main():
    found = {}
    for name, folder in MODELS.items():
        model = AutoModelForCausalLM.from_pretrained(
            folder or MODEL_GOLDEN / name, dtype=torch.float32, attn_implementation="eager").eval()
        for module in model.model.layers.modules():
            if isinstance(module, torch.nn.Linear):
                module.forward = in_bfloat16(module)
        tokens = load_file(MODEL_GOLDEN / name / "expected.safetensors")["tokens"].long()
        with torch.no_grad():
            found[name] = model(tokens).logits
    write_tensors(MODEL_GOLDEN / "bfloat16.safetensors", found)


if __name__ == "__main__":
    main()
