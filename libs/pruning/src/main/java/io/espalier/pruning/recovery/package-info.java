/**
 * Recovery of a pruned model by low-rank adapters (LoRA, arXiv:2106.09685), as LLM-Pruner trains them. Read
 * {@link io.espalier.pruning.recovery.LoraTraining} first: data ({@code recovery.data}) goes in micro-batches through
 * {@link io.espalier.pruning.recovery.AdaptedModel}, which leaves gradients in the
 * {@link io.espalier.pruning.recovery.Adapters}; {@link io.espalier.pruning.recovery.AdamW} moves them;
 * {@link io.espalier.pruning.recovery.MergedCheckpoint} writes the model they end in.
 */
package io.espalier.pruning.recovery;
