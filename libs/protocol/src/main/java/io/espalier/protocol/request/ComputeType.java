package io.espalier.protocol.request;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What the linear layers of a model's blocks are computed in, by PyTorch's names; all else is fp32. */
public enum ComputeType {
    FLOAT32,
    /** Factors and results of 8 bits, sums in fp32; on hardware that has it. */
    BFLOAT16;

    @JsonCreator
    public static ComputeType of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /** As reports have it: {@code F32}, {@code BF16}. */
    public String safetensorsName() {
        return switch (this) {
            case FLOAT32 -> "F32";
            case BFLOAT16 -> "BF16";
        };
    }

    @JsonValue
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
