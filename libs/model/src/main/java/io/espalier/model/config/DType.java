package io.espalier.model.config;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Element types of safetensors files, with the names that file format and {@code config.json} give them. */
public enum DType {
    F32("float32", 4), F16("float16", 2), BF16("bfloat16", 2), F64("float64", 8), I32("int32", 4), I64("int64", 8);

    private final String torchName;
    private final int bytes;

    DType(String torchName, int bytes) {
        this.torchName = torchName;
        this.bytes = bytes;
    }

    /** As {@code config.json} spells it: {@code bfloat16}. */
    public String torchName() {
        return torchName;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** Whether model weights may have this type. */
    public boolean isWeight() {
        return this == F32 || this == F16 || this == BF16;
    }

    /** By the name in a safetensors header. */
    public static Optional<DType> ofSafetensors(String name) {
        return Arrays.stream(values()).filter(t -> t.name().equals(name)).findFirst();
    }

    /** By the name in {@code config.json}. */
    public static Optional<DType> ofTorch(String name) {
        return Arrays.stream(values()).filter(t -> t.torchName.equals(name)).findFirst();
    }

    static String weightTypes() {
        return Arrays.stream(values()).filter(DType::isWeight).map(DType::torchName).collect(Collectors.joining(", "));
    }
}
