package io.espalier.platform.log;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * {@code %keys} of the text log: the task and the attempt that the thread is at, then what the line itself says, each key
 * once. A task's id begins with its job and its stage; who else needs to know which worker or trace reads the JSON lines.
 */
public final class LineKeys extends ClassicConverter {
    private static final List<String> OF_THE_THREAD = List.of("task", "attempt");

    @Override
    public String convert(ILoggingEvent event) {
        Map<String, Object> keys = new LinkedHashMap<>();
        OF_THE_THREAD.forEach(key -> {
            String value = event.getMDCPropertyMap().get(key);
            if (value != null) {
                keys.put(key, value);
            }
        });
        if (event.getKeyValuePairs() != null) {
            event.getKeyValuePairs().forEach(pair -> keys.put(pair.key, pair.value));
        }
        return keys.entrySet().stream().map(key -> key.getKey() + "=\"" + key.getValue() + '"')
                .collect(Collectors.joining(" "));
    }
}
