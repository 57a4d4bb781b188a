package io.espalier.cli.render;

import io.espalier.protocol.request.MethodCatalogue.Method;
import io.espalier.protocol.request.MethodCatalogue.Option;
import java.util.ArrayList;
import java.util.List;

/** The pruning methods for people. */
public final class MethodView {
    private static final int WIDTH = 100;

    private MethodView() {}

    public static String all(List<Method> methods) {
        StringBuilder text = new StringBuilder();
        methods.forEach(method -> text.append(text.isEmpty() ? "" : "\n").append(one(method)));
        return text
                .append("\n[D]: our derivation where the paper is silent; docs/methods has a page for each method.\n")
                .toString();
    }

    public static String one(Method method) {
        StringBuilder text = new StringBuilder(method.name() + ": " + method.title() + "\n");
        wrap(text, method.description(), "  ");
        wrap(text, method.paper(), "  ");
        wrap(text,
                "calibration: " + method.samples() + " samples of " + method.length() + " tokens unless told otherwise",
                "  ");
        for (Option option : method.options()) {
            text.append("    ").append(option.name()).append(" = ")
                    .append(option.defaultValue() == null ? "(none)" : option.defaultValue().asText()).append("  (")
                    .append(option.type()).append(")\n");
            wrap(text, option.description(), "        ");
        }
        return text.toString();
    }

    private static void wrap(StringBuilder text, String paragraph, String indent) {
        List<String> line = new ArrayList<>();
        int length = indent.length();
        for (String word : paragraph.split(" ")) {
            if (length + word.length() > WIDTH && !line.isEmpty()) {
                text.append(indent).append(String.join(" ", line)).append('\n');
                line.clear();
                length = indent.length();
            }
            line.add(word);
            length += word.length() + 1;
        }
        text.append(indent).append(String.join(" ", line)).append('\n');
    }
}
