package io.espalier.model.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.model.config.DType;
import io.espalier.model.config.InvalidCheckpointException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsReadBack() {
        Path file = folder.resolve("a.safetensors");
        try (var writer = SafetensorsWriter.create(file, List.of(new TensorHeader("m", DType.F32, new long[]{2, 3}),
                new TensorHeader("empty", DType.F16, new long[]{0, 4}),
                new TensorHeader("s", DType.I64, new long[0])))) {
            writer.append("s", MemorySegment.ofArray(new byte[]{7, 0, 0, 0, 0, 0, 0, 0}));
            writer.append("m", floats(1, 2));
            writer.append("m", floats(3, 4, 5, 6));
            writer.commit();
        }

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.segment(read.tensor("m")).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)).containsExactly(1, 2,
                    3, 4, 5, 6);
            assertThat(read.tensor("s").shape()).isEmpty();
            assertThat(read.tensor("empty").bytes()).isZero();
            assertThat(read.tensor("m").offset() % 64).isZero();
        }
    }

    @Test
    void withoutCommitNothingRemains() throws IOException {
        Path file = folder.resolve("a.safetensors");
        try (var writer = SafetensorsWriter.create(file, List.of(new TensorHeader("m", DType.F32, new long[]{2})))) {
            writer.append("m", floats(1));
            assertThatThrownBy(writer::commit).isInstanceOf(IllegalStateException.class).hasMessageContaining("m");
            assertThatThrownBy(() -> writer.append("m", floats(1, 2))).isInstanceOf(IllegalArgumentException.class);
        }

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}} | 12 | overlaps
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}        | 4  | truncated
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}        | 12 | at the end belong to no tensor
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}       | 12 | before a belong to no tensor
            {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}        | 8  | needs 12 bytes
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}        | 8  | claims bytes
            {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}       | 8  | at least 0
            {"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}      | 8  | integers
            {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}} | 8 | overflows
            {"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}}         | 8  | dtype "F4"
            {"a":{"dtype":"F32","data_offsets":[0,8]}}                    | 8  | shape is null
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 8 | not JSON
            [1,2]                                                         | 8  | not a JSON object
            {"a":                                                         | 8  | not JSON
            """)
    void lyingHeadersAreRefused(String header, int dataBytes, String reason) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        Path file = write(json.length, json, dataBytes);

        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining(file.toString()).hasMessageContaining(reason);
    }

    @Test
    void absurdHeaderLengthsAreRefused() throws IOException {
        byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
        for (long length : new long[]{-1, Long.MAX_VALUE, 200_000_000, 3, 0}) {
            Path file = write(length, json, 0);
            assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(InvalidCheckpointException.class)
                    .hasMessageContaining("claims a header");
        }
        Path tiny = Files.write(folder.resolve("tiny"), new byte[3]);
        assertThatThrownBy(() -> SafetensorsFile.open(tiny)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("3 bytes");
    }

    @Test
    void tokensAndStatisticsSurviveTheRoundTrip() {
        int[][] tokens = {{1, 2, 3}, {-1, 0, Integer.MAX_VALUE}};
        Tables.writeTokens(folder.resolve("t"), tokens);
        assertThat(Tables.readTokens(folder.resolve("t"))).isDeepEqualTo(tokens);

        var table = new Tables.Table(new long[]{2, 2}, new double[]{1e-300, -2, Double.NaN, Math.PI});
        Tables.writeDoubles(folder.resolve("d"), java.util.Map.of("x", table));
        Tables.Table read = Tables.readDoubles(folder.resolve("d")).get("x");
        assertThat(read.shape()).containsExactly(2, 2);
        assertThat(read.values()).containsExactly(table.values());
    }

    private Path write(long length, byte[] json, int dataBytes) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        content.putLong(length).put(json);
        return Files.write(folder.resolve("lie.safetensors"), content.array());
    }

    private static MemorySegment floats(float... values) {
        return MemorySegment.ofArray(values);
    }
}
