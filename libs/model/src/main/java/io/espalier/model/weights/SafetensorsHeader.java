package io.espalier.model.weights;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.DType;
import io.espalier.model.config.InvalidCheckpointException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a safetensors header and believes none of it. */
final class SafetensorsHeader {
    /** The limit of the reference implementation. */
    static final long MAX_LENGTH = 100_000_000;
    static final int LENGTH_BYTES = Long.BYTES;
    static final String METADATA = "__metadata__";
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path path;
    private final MemorySegment content;

    SafetensorsHeader(Path path, MemorySegment content) {
        this.path = path;
        this.content = content;
    }

    Map<String, TensorInfo> read() {
        long size = content.byteSize();
        if (size < LENGTH_BYTES) {
            throw invalid("is " + size + " bytes long, too short for a safetensors file");
        }
        long length = content.get(LENGTH, 0);
        if (length < 2 || length > MAX_LENGTH || length > size - LENGTH_BYTES) {
            throw invalid("claims a header of " + Long.toUnsignedString(length) + " bytes, but the file is " + size
                    + " bytes long (truncated, or not a safetensors file)");
        }
        ObjectNode json = parse(content.asSlice(LENGTH_BYTES, length).toArray(ValueLayout.JAVA_BYTE));
        var tensors = new ArrayList<TensorInfo>();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            if (!entry.getKey().equals(METADATA)) {
                tensors.add(tensor(entry.getKey(), entry.getValue(), LENGTH_BYTES + length));
            }
        }
        tensors.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
        checkCovered(tensors, LENGTH_BYTES + length);
        var byName = new LinkedHashMap<String, TensorInfo>();
        tensors.forEach(t -> byName.put(t.name(), t));
        return Collections.unmodifiableMap(byName);
    }

    private ObjectNode parse(byte[] bytes) {
        try {
            if (JSON.readTree(bytes) instanceof ObjectNode object) {
                return object;
            }
            throw invalid("header is not a JSON object");
        } catch (JacksonException e) {
            throw new InvalidCheckpointException(path + ": header is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new InvalidCheckpointException(path + ": header cannot be read", e);
        }
    }

    private TensorInfo tensor(String name, JsonNode json, long dataStart) {
        DType dtype = DType.ofSafetensors(json.path("dtype").asText()).orElseThrow(() -> invalid(
                name + " has dtype " + json.get("dtype") + "; known are " + List.of(DType.values())));
        long[] shape = longs(name, "shape", json.get("shape"));
        long[] offsets = longs(name, "data_offsets", json.get("data_offsets"));
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > content.byteSize() - dataStart) {
            throw invalid(name + " claims bytes " + json.get("data_offsets") + " of " + (content.byteSize() - dataStart)
                    + " (truncated file or lying header)");
        }
        long bytes = bytes(name, shape, dtype);
        if (offsets[1] - offsets[0] != bytes) {
            throw invalid(name + " of shape " + json.get("shape") + " and dtype " + dtype + " needs " + bytes
                    + " bytes, its offsets give " + (offsets[1] - offsets[0]));
        }
        return new TensorInfo(name, dtype, shape, dataStart + offsets[0], bytes);
    }

    private long bytes(String name, long[] shape, DType dtype) {
        try {
            long bytes = dtype.bytes();
            for (long n : shape) {
                bytes = Math.multiplyExact(bytes, n);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw new InvalidCheckpointException(path + ": " + name + ": its shape overflows", e);
        }
    }

    private long[] longs(String name, String key, JsonNode json) {
        if (json == null || !json.isArray()) {
            throw invalid(name + ": " + key + " is " + json + ", must be an array");
        }
        var values = new long[json.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode n = json.get(i);
            if (!n.isIntegralNumber() || !n.canConvertToLong() || n.longValue() < 0) {
                throw invalid(name + ": " + key + " is " + json + ", must hold integers of at least 0");
            }
            values[i] = n.longValue();
        }
        return values;
    }

    /** The format allows neither overlaps nor holes nor bytes after the last tensor. */
    private void checkCovered(List<TensorInfo> sorted, long dataStart) {
        long end = dataStart;
        TensorInfo before = null;
        for (TensorInfo t : sorted) {
            if (t.offset() < end) {
                throw invalid(t.name() + " overlaps " + before.name());
            }
            if (t.offset() > end) {
                throw invalid((t.offset() - end) + " bytes before " + t.name() + " belong to no tensor");
            }
            end = t.offset() + t.bytes();
            before = t;
        }
        if (end != content.byteSize()) {
            throw invalid((content.byteSize() - end) + " bytes at the end belong to no tensor");
        }
    }

    private InvalidCheckpointException invalid(String what) {
        return new InvalidCheckpointException(path + ": " + what);
    }
}
