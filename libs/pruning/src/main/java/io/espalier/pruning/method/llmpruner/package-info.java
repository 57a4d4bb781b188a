/** LLM-Pruner and the two baselines that share its groups. */
package io.espalier.pruning.method.llmpruner;
