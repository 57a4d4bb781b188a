"""Configuration of a pruned @BASE@ whose layers have different widths. Written by Espalier."""
from transformers import @BASE@Config


class @NAME@Config(@BASE@Config):
    """`layer_num_attention_heads`, `layer_num_key_value_heads` and `layer_intermediate_size` have one entry a layer."""

    model_type = "@TYPE@"

    def layer_widths(self, layer):
        """Query heads, key-value heads and MLP channels; 0 means that the layer has no attention or no MLP."""
        return (self.layer_num_attention_heads[layer], self.layer_num_key_value_heads[layer],
                self.layer_intermediate_size[layer])

    def validate_architecture(self):
        """The hidden size need not be a multiple of the number of heads: head_dim is given."""
