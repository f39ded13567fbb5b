/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "report_internal.h"

/* XML 1.0 text: the five entities, and control characters (which XML cannot hold) replaced. */
static void
append_escaped(caustic_text_t out, const char * text)
{
    for (; *text != '\0'; text++)
    {
        switch (*text)
        {
            case '&': caustic_text_append(out, "&amp;"); break;
            case '<': caustic_text_append(out, "&lt;"); break;
            case '>': caustic_text_append(out, "&gt;"); break;
            case '"': caustic_text_append(out, "&quot;"); break;
            case '\'': caustic_text_append(out, "&apos;"); break;
            case '\n': caustic_text_append(out, "&#10;"); break;
            default:
                caustic_text_append_length(out, (unsigned char) *text < 0x20 ? "?" : text, 1);
        }
    }
}

static void
append_reasons(caustic_text_t out, const json_t * record)
{
    const json_t * check;
    size_t i;

    json_array_foreach(json_object_get(record, "checks"), i, check)
    {
        if (text_of(check, "verdict")[0] == 'P')
            continue;
        append_escaped(out, text_of(check, "name"));
        caustic_text_append(out, ": ");
        append_escaped(out, text_of(check, "detail"));
        caustic_text_append(out, "&#10;");
    }

    append_escaped(out, text_of(record, "detail"));
}

static slong
count_outcomes(const json_t * records, caustic_verdict verdict)
{
    const json_t * record;
    slong count = 0;
    size_t i;

    json_array_foreach(records, i, record)
        count += caustic_report_outcome(record) == verdict;

    return count;
}

void
caustic_report_junit(caustic_text_t out, const json_t * records, caustic_command command)
{
    const json_t * record;
    size_t i;

    caustic_text_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    caustic_text_printf(out, "<testsuite name=\"caustic %s\" tests=\"%ld\" failures=\"%ld\" errors=\"%ld\">\n",
        caustic_command_name(command), (long) json_array_size(records),
        (long) count_outcomes(records, CAUSTIC_REFUTED), (long) count_outcomes(records, CAUSTIC_UNDECIDED));

    json_array_foreach(records, i, record)
    {
        caustic_verdict outcome = caustic_report_outcome(record);

        caustic_text_append(out, "  <testcase classname=\"");
        append_escaped(out, text_of(record, "architecture"));
        caustic_text_append(out, "\" name=\"");
        append_escaped(out, text_of(record, "case"));
        caustic_text_append(out, "\"");

        if (outcome == CAUSTIC_PROVED)
        {
            caustic_text_append(out, "/>\n");
            continue;
        }

        caustic_text_printf(out, ">\n    <%s message=\"%s\">", outcome == CAUSTIC_REFUTED ? "failure" : "error",
            text_of(record, "verdict"));
        append_reasons(out, record);
        caustic_text_printf(out, "</%s>\n  </testcase>\n", outcome == CAUSTIC_REFUTED ? "failure" : "error");
    }

    caustic_text_append(out, "</testsuite>\n");
}
