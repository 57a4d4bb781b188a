package io.espalier.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"AuthenticAMD, 26, fma avx2 avx512f avx512_bf16, true, true",
        "AuthenticAMD, 25, fma avx2 avx512f, false, false", "GenuineIntel, 6, fma avx2 avx512f amx_bf16, false, true",
        "GenuineIntel, 6, fma avx2 avx512f amx_tile, false, false", "AuthenticAMD, 26, fma avx2, false, false"})
    void vendorFamilyAndFlagsTellWhatItIsGoodAt(String vendor, int family, String flags, boolean oneDnn,
            boolean bfloat16) throws IOException {
        Path file = Files.writeString(folder.resolve("cpuinfo"), """
                processor\t: 0
                vendor_id\t: %s
                cpu family\t: %d
                model name\t: any
                flags\t\t: fpu %s sse
                """.formatted(vendor, family, flags));

        Processor processor = Processor.read(file);

        assertThat(processor.vendor()).isEqualTo(vendor);
        assertThat(processor.prefersOneDnn()).isEqualTo(oneDnn);
        assertThat(processor.multipliesBfloat16()).isEqualTo(bfloat16);
    }

    @Test
    void aMissingFilePromisesNothing() {
        Processor unknown = Processor.read(folder.resolve("missing"));

        assertThat(unknown.prefersOneDnn()).isFalse();
        assertThat(unknown.multipliesBfloat16()).isFalse();
    }
}
