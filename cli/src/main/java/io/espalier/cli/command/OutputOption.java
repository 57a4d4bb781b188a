package io.espalier.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.espalier.protocol.topic.Json;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code -o table|json}. */
public final class OutputOption {
    enum Format {
        TABLE, JSON
    }

    private static final Pattern JSON = Pattern.compile("(^| )(-o[ =]?|--output[ =])json( |$)");

    @Option(names = {"-o",
        "--output"}, paramLabel = "table|json", defaultValue = "table", description = "How the result is printed (${DEFAULT-VALUE}).")
    private Format format;

    public boolean isJson() {
        return format == Format.JSON;
    }

    /** Whether a command that was parsed was asked for JSON; what it has to say goes wrong in JSON too. */
    static boolean isJson(CommandSpec command) {
        return command.mixins().values().stream().map(CommandSpec::userObject)
                .anyMatch(mixin -> mixin instanceof OutputOption output && output.format == Format.JSON);
    }

    /** The same of arguments that could not be parsed. */
    static boolean asksForJson(String... arguments) {
        String line = String.join(" ", arguments).toLowerCase(Locale.ROOT);
        return JSON.matcher(line).find();
    }

    static void printJson(PrintWriter out, Object value) {
        try {
            out.println(Json.events().writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value));
            out.flush();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
