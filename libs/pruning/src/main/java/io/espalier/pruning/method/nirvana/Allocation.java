package io.espalier.pruning.method.nirvana;

/**
 * How many KV groups and MLP neurons go, NIRVANA (arXiv:2509.14230, from the released code): both types lose units so
 * that together a share s of the weights of all blocks goes, and MLP at gamma times the rate of attention:
 *
 * <pre>
 * rate_attn = s (A + M) / (A + gamma M),   rate_mlp = gamma rate_attn
 * </pre>
 *
 * with A and M the weights of all KV groups and of all neurons.
 *
 * @param groups  KV groups to remove in the whole model
 * @param neurons MLP channels to remove in the whole model
 */
record Allocation(long groups, long neurons) {
    /**
     * @param attention all weights of KV groups
     * @param mlp       all weights of neurons
     * @param groupCost weights of one group
     * @param channelCost weights of one neuron
     * @param sparsity  s, share of these weights to remove
     * @param gamma     ratio of the rates
     */
    static Allocation of(double attention, double mlp, double groupCost, double channelCost, double sparsity,
            double gamma) {
        double groupsPerNeuron = attention / mlp / gamma * channelCost / groupCost;
        double groups = (attention + mlp) * sparsity / (groupCost + channelCost / groupsPerNeuron);
        return new Allocation((long) groups, (long) (groups / groupsPerNeuron));
    }
}
