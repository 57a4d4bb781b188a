package io.espalier.protocol.request;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * How small or fast the model should become; exactly one component is not null.
 *
 * @param parameters share of all parameters kept, 0 to 1
 * @param groups     share of units removed in each layer of the range, 0 to 1
 * @param count      parameters kept
 * @param bytes      size of the weights kept, in the checkpoint's dtype
 * @param latency    time that a forward pass may take
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Target(Double parameters, Double groups, Long count, Long bytes, Latency latency) {}
