package io.espalier.pruning.plan;

/** What a plan must meet: how small, where, and in what shape. */
public record PruningGoal(Target target, LayerRanges layers, Constraints constraints) {}
