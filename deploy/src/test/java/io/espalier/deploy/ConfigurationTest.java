package io.espalier.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every setting that a process reads stands in docs/operations.md. */
class ConfigurationTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern READ = Pattern.compile(
            "(?:settings\\s*\\.\\s*(?!consumer|producer)\\w+\\(\\s*|String KEY = )\"([a-z][a-z.]*[a-z])\"");
    /** Told by what starts a process, and a prefix. */
    private static final Set<String> NOT_FOR_USERS = Set.of("parent.pid", "kafka");

    @Test
    void everySettingIsDocumented() throws IOException {
        String docs = Files.readString(ROOT.resolve("docs/operations.md"));
        Set<String> settings = settings();
        assertThat(settings).as("settings found in the code").hasSizeGreaterThan(25);
        assertThat(settings).allSatisfy(key -> assertThat(docs).contains(variable(key)));
    }

    private static String variable(String key) {
        return "ESPALIER_" + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    private static Set<String> settings() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            Set<String> found = new TreeSet<>();
            files.filter(file -> file.toString().endsWith(".java") && file.toString().contains("/src/main/"))
                    .flatMap(ConfigurationTest::readIn).forEach(found::add);
            found.removeAll(NOT_FOR_USERS);
            return found;
        }
    }

    private static Stream<String> readIn(Path file) {
        try {
            return READ.matcher(Files.readString(file)).results().map((MatchResult match) -> match.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
