package io.espalier.evaluation.task;

/** Asks a model how likely a continuation is after a context. */
public record Request(String context, String continuation) {}
