/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    derive as a LaTeX document. Formulas come from the records; what is done here is to lay them out:
    matrices as matrices while they fit on a page, long sums broken between terms.
*/

#include <ctype.h>
#include <string.h>
#include "report_internal.h"

/* Letters of a formula on a line, and of a matrix that is set as one. */
#define LINE_WIDTH 100
#define MATRIX_WIDTH 120

static const char preamble[] =
    "\\documentclass[a4paper,landscape,fleqn]{article}\n"
    "\\usepackage[margin=15mm]{geometry}\n"
    "\\usepackage{amsmath,amssymb}\n"
    "\\allowdisplaybreaks\n"
    "\\begin{document}\n";

/* Words of a case, with what LaTeX takes for commands made harmless. */
static void
write_words(caustic_text_t out, const char * words)
{
    for (; *words != '\0'; words++)
    {
        if (strchr("#$%&_{}", *words) != NULL)
            caustic_text_printf(out, "\\%c", *words);
        else if (*words == '\\')
            caustic_text_append(out, "\\textbackslash{}");
        else if (*words == '~' || *words == '^')
            caustic_text_printf(out, "\\%c{}", *words);
        else if (*words == '<' || *words == '>' || *words == '|')
            caustic_text_printf(out, "$%c$", *words);
        else
            caustic_text_append_length(out, words, 1);
    }
}

/* Formulas ***********************************************************************************/

/* About how wide a formula is set: its letters, without commands and braces. */
static size_t
width_of(const char * formula, size_t length)
{
    size_t width = 0;

    for (size_t i = 0; i < length; i++)
    {
        if (formula[i] == '\\')
        {
            width++;
            while (i + 1 < length && isalpha((unsigned char) formula[i + 1]))
                i++;
        }
        else if (strchr("{}_^ ", formula[i]) == NULL)
            width++;
    }
    return width;
}

/* Whether the formula has a command or sign at this place. */
static int
at(const char * place, const char * what)
{
    return strncmp(place, what, strlen(what)) == 0;
}

/* A long formula in lines that begin with a sign. A line may end inside \left( ... \right) but not inside
   braces; the open parentheses are closed invisibly and opened again. */
static void
write_broken(caustic_text_t out, const char * formula)
{
    slong braces = 0, parentheses = 0;
    size_t used = 0, begin = 0;

    for (size_t i = 0; formula[i] != '\0'; i++)
    {
        int breakable = braces == 0 && (at(formula + i, " + ") || at(formula + i, " - ") || at(formula + i, " = "));

        braces += (formula[i] == '{') - (formula[i] == '}');
        parentheses += at(formula + i, "\\left") - at(formula + i, "\\right");

        if (!breakable)
            continue;

        used += width_of(formula + begin, i - begin);
        caustic_text_append_length(out, formula + begin, i - begin);
        begin = i;

        if (used + width_of(formula + i + 3, strcspn(formula + i + 3, "+=")) > LINE_WIDTH || (formula[i + 1] == '=' && used > LINE_WIDTH / 2))
        {
            for (slong k = 0; k < parentheses; k++)
                caustic_text_append(out, "\\right.");
            caustic_text_append(out, " \\\\\n  & \\qquad ");
            for (slong k = 0; k < parentheses; k++)
                caustic_text_append(out, "\\left.");
            used = 0;
        }
    }

    caustic_text_append(out, formula + begin);
}

static void
begin_lines(caustic_text_t out)
{
    caustic_text_append(out, "\\begin{align*}\n");
}

static void
end_lines(caustic_text_t out)
{
    caustic_text_append(out, "\n\\end{align*}\n");
}

/* "label = formula" or a formula alone; `first` says that no line stands before it. */
static void
write_formula(caustic_text_t out, const char * label, const char * formula, int * first)
{
    if (*formula == '\0')
        return;

    caustic_text_append(out, *first ? "  & " : " \\\\\n  & ");
    caustic_text_append(out, label);
    write_broken(out, formula);
    *first = 0;
}

static int
is_zero(const json_t * entry)
{
    return json_is_string(entry) && strcmp(json_string_value(entry), "0") == 0;
}

/* Whether all entries of a vector, a matrix or more are 0. */
static int
all_zero(const json_t * tensor)
{
    const json_t * entry;
    size_t i;

    if (!json_is_array(tensor))
        return is_zero(tensor);
    json_array_foreach(tensor, i, entry)
        if (!all_zero(entry))
            return 0;
    return 1;
}

static size_t
matrix_width(const json_t * matrix)
{
    const json_t * row, * entry;
    size_t i, j, width = 0;

    json_array_foreach(matrix, i, row)
    {
        size_t sum = 0;

        json_array_foreach(row, j, entry)
            sum += 2 + width_of(json_string_value(entry), strlen(json_string_value(entry)));
        width = FLINT_MAX(width, sum);
    }
    return width;
}

static void
write_pmatrix(caustic_text_t out, const char * label, const json_t * matrix)
{
    const json_t * row, * entry;
    size_t i, j;

    caustic_text_printf(out, "  & (%s) = \\begin{pmatrix}", label);
    json_array_foreach(matrix, i, row)
    {
        caustic_text_append(out, i > 0 ? " \\\\ " : " ");
        json_array_foreach(row, j, entry)
            caustic_text_printf(out, "%s%s", j > 0 ? " & " : "", json_string_value(entry));
    }
    caustic_text_append(out, " \\end{pmatrix}");
}

/* "g^{11} = ...", the entries of a symmetric matrix that are not 0, each on a line of its own. */
static void
write_entries(caustic_text_t out, const char * symbol, int raised, const json_t * matrix)
{
    int first = 1;

    for (size_t i = 0; i < json_array_size(matrix); i++)
        for (size_t j = i; j < json_array_size(matrix); j++)
        {
            const json_t * entry = json_array_get(json_array_get(matrix, i), j);
            caustic_text_t label;

            if (is_zero(entry))
                continue;
            caustic_text_init(label);
            caustic_text_printf(label, "%s%s{%lu,%lu} = ", symbol, raised ? "^" : "_", (ulong) i + 1, (ulong) j + 1);
            write_formula(out, label->data, json_string_value(entry), &first);
            caustic_text_clear(label);
        }
}

/* A symmetric matrix under its heading. */
static void
write_matrix(caustic_text_t out, const char * heading, const char * symbol, int raised, const json_t * matrix)
{
    caustic_text_t label;

    if (json_array_size(matrix) == 0)
        return;

    caustic_text_printf(out, "\\noindent %s", heading);
    if (all_zero(matrix))
    {
        caustic_text_append(out, ": 0.\n\n");
        return;
    }

    caustic_text_append(out, matrix_width(matrix) <= MATRIX_WIDTH ? ":\n" : " (symmetric, entries that are not 0):\n");
    begin_lines(out);
    caustic_text_init(label);
    caustic_text_printf(label, "%s%s{ij}", symbol, raised ? "^" : "_");
    if (matrix_width(matrix) <= MATRIX_WIDTH)
        write_pmatrix(out, label->data, matrix);
    else
        write_entries(out, symbol, raised, matrix);
    caustic_text_clear(label);
    end_lines(out);
}

/* A list of components under its heading. */
static void
write_vector(caustic_text_t out, const char * heading, const char * symbol, int raised, const json_t * vector)
{
    const json_t * entry;
    size_t i;
    int first = 1;

    if (json_array_size(vector) == 0)
        return;

    caustic_text_printf(out, "\\noindent %s", heading);
    if (all_zero(vector))
    {
        caustic_text_append(out, ": 0.\n\n");
        return;
    }

    caustic_text_append(out, ":\n");
    begin_lines(out);
    json_array_foreach(vector, i, entry)
    {
        caustic_text_t label;

        caustic_text_init(label);
        caustic_text_printf(label, "%s%s{%lu} = ", symbol, raised ? "^" : "_", (ulong) i + 1);
        write_formula(out, label->data, json_string_value(entry), &first);
        caustic_text_clear(label);
    }
    end_lines(out);
}

static void
write_christoffel(caustic_text_t out, const json_t * symbols)
{
    int first = 1;

    if (json_array_size(symbols) == 0)
        return;
    if (all_zero(symbols))
    {
        caustic_text_append(out, "\\noindent Christoffel symbols: 0.\n\n");
        return;
    }

    caustic_text_append(out, "\\noindent Christoffel symbols (symmetric below, those that are not 0):\n");
    begin_lines(out);
    for (size_t k = 0; k < json_array_size(symbols); k++)
        for (size_t i = 0; i < json_array_size(symbols); i++)
            for (size_t j = i; j < json_array_size(symbols); j++)
            {
                const json_t * entry = json_array_get(json_array_get(json_array_get(symbols, k), i), j);
                caustic_text_t label;

                if (is_zero(entry))
                    continue;
                caustic_text_init(label);
                caustic_text_printf(label, "\\Gamma^{%lu}_{%lu,%lu} = ", (ulong) k + 1, (ulong) i + 1, (ulong) j + 1);
                write_formula(out, label->data, json_string_value(entry), &first);
                caustic_text_clear(label);
            }
    end_lines(out);
}

static void
write_alone(caustic_text_t out, const char * heading, const char * label, const char * formula)
{
    int first = 1;

    if (*formula == '\0')
        return;
    caustic_text_printf(out, "\\noindent %s:\n", heading);
    begin_lines(out);
    write_formula(out, label, formula, &first);
    end_lines(out);
}

static void
write_burgers(caustic_text_t out, const json_t * burgers)
{
    const json_t * entry;
    size_t i;
    int first = 1;

    if (json_array_size(burgers) == 0)
        return;
    caustic_text_append(out, "\\noindent Burgers, $v = \\mathrm{d}u$:\n");
    begin_lines(out);
    json_array_foreach(burgers, i, entry)
        write_formula(out, "", json_string_value(entry), &first);
    end_lines(out);
}

/* Sections ***********************************************************************************/

/* The formulas of the whole, or of one unit. */
static void
write_formulas(caustic_text_t out, const json_t * latex)
{
    write_matrix(out, "Cometric", "g", 1, json_object_get(latex, "cometric"));
    write_vector(out, "Drift", "b", 1, json_object_get(latex, "drift"));
    write_matrix(out, "Metric", "g", 0, json_object_get(latex, "metric"));
    write_christoffel(out, json_object_get(latex, "christoffel"));
    write_matrix(out, "Ricci curvature", "R", 0, json_object_get(latex, "ricci"));
    write_alone(out, "Scalar curvature", "R = ", text_of(latex, "scalar_curvature"));
    write_alone(out, "Constant curvature", "\\kappa = ", text_of(latex, "constant_curvature"));
    write_vector(out, "Weight", "W", 0, json_object_get(latex, "weight_gradient"));
    write_alone(out, "Its potential", "W = ", text_of(latex, "weight_potential"));
    write_alone(out, "Loss", "\\ell = ", text_of(latex, "loss"));
    write_alone(out, "Hamilton--Jacobi", "", text_of(latex, "hamilton_jacobi"));
    write_alone(out, "Heat, $u = -2\\nu\\log\\phi$", "", text_of(latex, "heat"));
    write_burgers(out, json_object_get(latex, "burgers"));
}

static void
write_checks(caustic_text_t out, const json_t * record)
{
    const json_t * check;
    size_t i;

    caustic_text_append(out, "\\begin{itemize}\\setlength{\\itemsep}{0pt}\n");
    json_array_foreach(json_object_get(record, "checks"), i, check)
    {
        caustic_text_append(out, "\\item \\textsc{");
        for (const char * letter = text_of(check, "verdict"); *letter != '\0'; letter++)
            caustic_text_printf(out, "%c", tolower((unsigned char) *letter));
        caustic_text_append(out, "} ");
        write_words(out, text_of(check, "name"));
        caustic_text_append(out, ": ");
        write_words(out, text_of(check, "detail"));
        caustic_text_append(out, "\n");
    }
    caustic_text_append(out, "\\end{itemize}\n");
}

static void
write_assumptions(caustic_text_t out, const json_t * assumptions)
{
    const json_t * entry;
    size_t i;

    if (json_array_size(assumptions) == 0)
        return;
    caustic_text_append(out, "\\noindent Assumed, not proved: ");
    json_array_foreach(assumptions, i, entry)
    {
        caustic_text_append(out, i > 0 ? ", " : "");
        write_words(out, json_string_value(entry));
    }
    caustic_text_append(out, ".\n\n");
}

static void
write_section(caustic_text_t out, const json_t * record)
{
    const json_t * units = json_object_get(record, "units");
    const json_t * unit;
    size_t i;

    caustic_text_append(out, "\\section*{");
    write_words(out, text_of(record, "case"));
    if (*text_of(record, "title") != '\0')
    {
        caustic_text_append(out, ": ");
        write_words(out, text_of(record, "title"));
    }
    caustic_text_append(out, "}\n\\noindent ");
    write_words(out, text_of(record, "verdict"));
    caustic_text_append(out, ". ");
    write_words(out, text_of(record, "setting"));
    caustic_text_append(out, "\n\n");

    if (units == NULL)
        write_formulas(out, json_object_get(record, "latex"));

    json_array_foreach(units, i, unit)
    {
        caustic_text_printf(out, "\\subsection*{Unit %lu, of which there are %ld}\n", (ulong) i + 1,
            (long) json_integer_value(json_object_get(unit, "copies")));
        write_formulas(out, json_object_get(unit, "latex"));
    }
    write_alone(out, "All units together", "", text_of(json_object_get(record, "sum"), "latex"));

    write_checks(out, record);
    write_assumptions(out, json_object_get(record, "assumptions"));
}

void
write_derive_latex(caustic_text_t out, const json_t * records)
{
    const json_t * record;
    size_t i;

    caustic_text_append(out, preamble);
    json_array_foreach(records, i, record)
        write_section(out, record);
    caustic_text_append(out, "\\end{document}\n");
}
