package io.espalier.model.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What Linux says about this machine's processor.
 *
 * @param vendor empty where it does not say
 * @param family the vendor's number for a generation; 0 where it does not say
 * @param flags  instruction sets and more, by the kernel's names
 */
record Processor(String vendor, int family, Set<String> flags) {
    private static final int ZEN_5 = 26;
    private static final Path FILE = Path.of("/proc/cpuinfo");
    private static final Processor CURRENT = read(FILE);

    Processor {
        flags = Set.copyOf(flags);
    }

    static Processor current() {
        return CURRENT;
    }

    /** An unreadable file says nothing. */
    static Processor read(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            String family = value(lines, "cpu family");
            return new Processor(value(lines, "vendor_id"), family.isEmpty() ? 0 : Integer.parseInt(family),
                    Set.copyOf(Arrays.asList(value(lines, "flags").split(" "))));
        } catch (IOException e) {
            return new Processor("", 0, Set.of());
        }
    }

    /**
     * MKL takes AVX2 kernels on AMD's processors, also where they have AVX-512. From Zen 5 on that is half of their width;
     * before, AVX-512 was two halves one after the other.
     */
    boolean prefersOneDnn() {
        return flags.contains("avx512f") && vendor.equals("AuthenticAMD") && family >= ZEN_5;
    }

    /** Whether it multiplies bf16 numbers by instructions of its own. */
    boolean multipliesBfloat16() {
        return flags.contains("avx512_bf16") || flags.contains("amx_bf16");
    }

    private static String value(List<String> lines, String key) {
        return lines.stream().filter(line -> line.startsWith(key)).findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("");
    }
}
