/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "report_internal.h"

void
write_verdict(caustic_text_t out, const char * verdict, int color)
{
    const char * code = "";

    if (color)
        code = strcmp(verdict, "PROVED") == 0 ? "\033[32m" : strcmp(verdict, "REFUTED") == 0 ? "\033[31m" : "\033[33m";

    caustic_text_printf(out, "%s%-9s%s", code, verdict, color ? "\033[0m" : "");
}

void
write_heading(caustic_text_t out, const json_t * record, int color)
{
    const json_t * as_expected = json_object_get(record, "as_expected");

    write_verdict(out, text_of(record, "verdict"), color);
    caustic_text_printf(out, "  %s", text_of(record, "case"));

    if (*text_of(record, "title") != '\0')
        caustic_text_printf(out, ": %s", text_of(record, "title"));
    if (as_expected != NULL && json_is_true(as_expected))
        caustic_text_append(out, " (as expected)");
    else if (as_expected != NULL)
        caustic_text_printf(out, " (expected %s)", text_of(record, "expected"));

    caustic_text_append(out, "\n");
}

static void
write_line(caustic_text_t out, const char * label, const char * text)
{
    if (*text != '\0')
        caustic_text_printf(out, "    %-20s %s\n", label, text);
}

static void
write_checks(caustic_text_t out, const json_t * record, int color)
{
    const json_t * check;
    size_t i;

    json_array_foreach(json_object_get(record, "checks"), i, check)
    {
        caustic_text_append(out, "    ");
        write_verdict(out, text_of(check, "verdict"), color);
        caustic_text_printf(out, " %s", text_of(check, "name"));
        if (json_object_get(check, "viscosity") != NULL)
            caustic_text_printf(out, ", nu = %s", text_of(check, "viscosity"));
        if (*text_of(check, "bound") != '\0')
            caustic_text_printf(out, " <= %s", text_of(check, "bound"));
        caustic_text_printf(out, ": %s", text_of(check, "detail"));
        caustic_text_append(out, "\n");
    }
}

/* A list of expressions on one line, a matrix as a list of rows. */
static void
write_value(caustic_text_t out, const json_t * value)
{
    const json_t * entry;
    size_t i;

    if (json_is_string(value))
        caustic_text_append(out, json_string_value(value));

    if (!json_is_array(value))
        return;

    caustic_text_append(out, "[");
    json_array_foreach(value, i, entry)
    {
        if (i > 0)
            caustic_text_append(out, ", ");
        write_value(out, entry);
    }
    caustic_text_append(out, "]");
}

/* One-dimensional lists and matrices read better without their brackets. */
static const json_t *
unwrapped(const json_t * value)
{
    while (json_is_array(value) && json_array_size(value) == 1)
        value = json_array_get(value, 0);

    return value;
}

static void
write_entry(caustic_text_t out, const char * label, const json_t * value)
{
    caustic_text_t text;

    caustic_text_init(text);
    write_value(text, unwrapped(value));
    write_line(out, label, text->data);
    caustic_text_clear(text);
}

void
write_derive_text(caustic_text_t out, const json_t * record, int color)
{
    const json_t * dimension = json_object_get(record, "dimension");
    const json_t * equations = json_object_get(record, "equations");
    const json_t * entry;
    size_t i;

    write_heading(out, record, color);
    caustic_text_printf(out, "    %-20s %ld parameters, group of dimension %ld, quotient of dimension %ld\n", "dimension",
        (long) json_integer_value(json_object_get(dimension, "parameters")),
        (long) json_integer_value(json_object_get(dimension, "group")),
        (long) json_integer_value(json_object_get(dimension, "quotient")));
    write_entry(out, "coordinates", json_object_get(record, "coordinates"));
    write_entry(out, "cometric", json_object_get(record, "cometric"));
    write_entry(out, "drift", json_object_get(record, "drift"));
    write_entry(out, "weight gradient", json_object_get(record, "weight_gradient"));
    write_entry(out, "scalar curvature", json_object_get(record, "scalar_curvature"));
    if (json_is_true(json_object_get(record, "flat")))
        write_line(out, "flat", "yes");
    else if (json_is_false(json_object_get(record, "flat")))
        write_line(out, "flat", "no");
    write_entry(out, "flat coordinate", json_object_get(json_object_get(record, "normal_form"), "map"));
    write_entry(out, "loss", json_object_get(record, "loss"));
    write_line(out, "Hamilton-Jacobi", text_of(equations, "hamilton_jacobi"));
    write_line(out, "heat", text_of(equations, "heat"));
    json_array_foreach(json_object_get(equations, "burgers"), i, entry)
        write_line(out, i == 0 ? "Burgers" : "", json_string_value(entry));
    write_checks(out, record, color);

    if (json_array_size(json_object_get(record, "assumptions")) > 0)
    {
        caustic_text_printf(out, "    %-20s ", "assumed");
        json_array_foreach(json_object_get(record, "assumptions"), i, entry)
            caustic_text_printf(out, "%s%s", i > 0 ? ", " : "", json_string_value(entry));
        caustic_text_append(out, "\n");
    }
}

void
write_derive_latex(caustic_text_t out, const json_t * record)
{
    const json_t * latex = json_object_get(record, "latex");
    const json_t * entry;
    size_t i;

    caustic_text_printf(out, "%% %s: %s\n", text_of(record, "case"), text_of(record, "verdict"));
    if (latex == NULL)
        return;

    caustic_text_append(out, "\\begin{align*}\n");
    caustic_text_printf(out, "  & %s", text_of(latex, "hamilton_jacobi"));
    json_array_foreach(json_object_get(latex, "burgers"), i, entry)
        caustic_text_printf(out, " \\\\\n  & %s", json_string_value(entry));
    caustic_text_append(out, "\n\\end{align*}\n");
}

void
write_verify_text(caustic_text_t out, const json_t * record, int color)
{
    const json_t * altered = json_object_get(record, "altered");

    write_heading(out, record, color);
    write_checks(out, record, color);

    if (altered != NULL)
        caustic_text_printf(out, "    altered equations refuted: %ld/%ld\n",
            (long) json_integer_value(json_object_get(altered, "refuted")),
            (long) json_integer_value(json_object_get(altered, "tried")));
}

void
write_shock_text(caustic_text_t out, const json_t * record, int color)
{
    const json_t * time = json_object_get(record, "time");
    const json_t * claim = json_object_get(record, "claim");
    const json_t * minimisers = json_object_get(record, "minimisers");
    const json_t * entry;
    size_t i;

    write_heading(out, record, color);

    if (json_is_false(json_object_get(record, "shock")))
        write_line(out, "shock", "none: no characteristic focuses");
    if (time != NULL)
        write_line(out, "T*", text_of(time, "ball"));
    if (json_is_false(json_object_get(record, "attained")))
        write_line(out, "", "an infimum that no characteristic attains");
    json_array_foreach(json_object_get(record, "at"), i, entry)
        caustic_text_printf(out, "    %-20s %s\n", text_of(entry, "name"), text_of(entry, "ball"));
    if (json_is_integer(minimisers))
        caustic_text_printf(out, "    %-20s %ld\n", "minimisers", (long) json_integer_value(minimisers));
    else if (json_is_string(minimisers))
        write_line(out, "minimisers", json_string_value(minimisers));
    write_line(out, "scope", text_of(record, "scope"));
    json_array_foreach(json_object_get(record, "routes"), i, entry)
        caustic_text_printf(out, "    %-20s %s%s\n", i == 0 ? "routes" : "", text_of(entry, "name"),
            json_object_get(entry, "lower") == NULL ? ": no result" : "");
    if (claim != NULL)
        caustic_text_printf(out, "    %-20s T* = %s: %s, %s\n", "claim", text_of(claim, "formula"),
            text_of(claim, "verdict"), text_of(claim, "detail"));
    write_line(out, "how", text_of(record, "detail"));
}

int
caustic_report_has_format(caustic_command command, caustic_format format)
{
    switch (format)
    {
        case CAUSTIC_FORMAT_TEXT:
        case CAUSTIC_FORMAT_JSON:
            return 1;
        case CAUSTIC_FORMAT_LATEX:
            return command == CAUSTIC_COMMAND_DERIVE || command == CAUSTIC_COMMAND_TABLE;
        case CAUSTIC_FORMAT_MARKDOWN:
        case CAUSTIC_FORMAT_CSV:
            return command == CAUSTIC_COMMAND_TABLE;
    }

    return 0;
}

static void
write_json(caustic_text_t out, const json_t * records)
{
    char * text = json_dumps(records, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

    if (text == NULL)
        flint_throw(FLINT_ERROR, "caustic_report_write: the records could not be written as JSON\n");

    caustic_text_append(out, text);
    caustic_text_append(out, "\n");
    free(text);
}

void
caustic_report_write(caustic_text_t out, const json_t * records, caustic_command command,
    caustic_format format, int color)
{
    const json_t * record;
    size_t i;

    if (format == CAUSTIC_FORMAT_JSON)
    {
        write_json(out, records);
        return;
    }

    if (command == CAUSTIC_COMMAND_TABLE)
    {
        write_table(out, records, format, color);
        return;
    }

    json_array_foreach(records, i, record)
    {
        if (i > 0)
            caustic_text_append(out, "\n");

        if (command == CAUSTIC_COMMAND_VERIFY)
            write_verify_text(out, record, color);
        else if (command == CAUSTIC_COMMAND_SHOCK)
            write_shock_text(out, record, color);
        else if (format == CAUSTIC_FORMAT_LATEX)
            write_derive_latex(out, record);
        else
            write_derive_text(out, record, color);
    }
}
