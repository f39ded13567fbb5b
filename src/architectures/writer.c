/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Writing a setting, entry by entry.
*/

#include <stdarg.h>
#include <string.h>
#include "preset.h"

#define MINORS 100 /* a Gram determinant with more minors is not written as their sum of squares */

/* Limits *************************************************************************************/

void
preset_refuse(preset_writer * writer, slong option, const char * format, ...)
{
    const preset_value * value = writer->option + option;
    caustic_text_t message;
    va_list arguments;

    if (writer->result != CAUSTIC_OK)
        return;

    caustic_text_init(message);
    va_start(arguments, format);
    caustic_text_vprintf(message, format, arguments);
    va_end(arguments);
    writer->result = caustic_error_set(writer->error, CAUSTIC_BAD_INPUT,
        writer->origin == NULL ? NULL : writer->origin->file, value->line, value->column,
        "the preset '%s' %s", writer->kind, message->data);
    caustic_text_clear(message);
}

int
preset_fits(preset_writer * writer, slong option, slong parameters, slong most)
{
    if (parameters > most)
        preset_refuse(writer, option, "would have " WORD_FMT "d parameters here; " WORD_FMT "d is the most", parameters, most);

    return parameters <= most;
}

/* Everything that is written passes here: what could not be built is a defect, never a zero. */
static void
put(preset_writer * writer, caustic_expr * entry, caustic_expr e)
{
    if (e == CAUSTIC_NONE && writer->result == CAUSTIC_OK)
        writer->result = caustic_error_set(writer->error, CAUSTIC_INTERNAL, NULL, 0, 0,
            "an expression of the preset '%s' could not be built", writer->kind);

    *entry = e;
}

/* Writing ************************************************************************************/

void
preset_begin(preset_writer * writer, slong parameters, slong generators, slong elements, slong coordinates)
{
    caustic_setting_struct * setting = writer->setting;
    caustic_expr zero = caustic_integer(writer->pool, 0);

    caustic_setting_allocate(setting, parameters, generators, elements, coordinates);

    for (slong i = 0; i < parameters * parameters; i++)
        setting->inverse_metric[i] = zero;

    for (slong i = 0; i < generators * parameters; i++)
        setting->generator[i] = zero;
}

const char *
preset_name(preset_writer * writer, const char * letter, slong i, slong length)
{
    caustic_text_reset(writer->name);
    caustic_text_append(writer->name, letter);
    if (length > 1)
        caustic_text_printf(writer->name, WORD_FMT "d", i + 1);
    return writer->name->data;
}

const char *
preset_entry_name(preset_writer * writer, const char * letter, slong i, slong j, slong rows, slong columns)
{
    int digits = 1;

    for (slong most = FLINT_MAX(rows, columns); most > 9; most /= 10)
        digits++;

    caustic_text_reset(writer->name);
    caustic_text_append(writer->name, letter);
    caustic_text_printf(writer->name, "%0*ld%0*ld", digits, (long) i + 1, digits, (long) j + 1);
    return writer->name->data;
}

static caustic_expr
declare(preset_writer * writer, caustic_interval_struct * domain, const char * name, int positive)
{
    caustic_expr symbol = caustic_symbol(writer->pool, name);

    if (positive)
    {
        caustic_symbol_assume_positive(writer->pool, symbol);
        fmpq_zero(domain->lower);
        domain->lower_infinite = 0;
        domain->lower_closed = 0;
    }
    return symbol;
}

caustic_expr
preset_parameter(preset_writer * writer, const char * name, int positive)
{
    slong a = writer->parameters++;

    FLINT_ASSERT(a < writer->setting->parameters);
    writer->setting->parameter[a] = declare(writer, writer->setting->parameter_domain + a, name, positive);

    for (slong s = 0; s < writer->setting->elements; s++)
        writer->setting->element[s * writer->setting->parameters + a] = writer->setting->parameter[a];

    return writer->setting->parameter[a];
}

caustic_expr
preset_coordinate(preset_writer * writer, const char * name, caustic_expr is, int positive)
{
    slong i = writer->coordinates++;

    FLINT_ASSERT(i < writer->setting->coordinates);
    writer->setting->coordinate[i] = declare(writer, writer->setting->coordinate_domain + i, name, positive);
    put(writer, writer->setting->invariant + i, is);
    return writer->setting->coordinate[i];
}

void
preset_metric(preset_writer * writer, slong a, slong b, caustic_expr e)
{
    slong n = writer->setting->parameters;

    put(writer, writer->setting->inverse_metric + a * n + b, e);
    put(writer, writer->setting->inverse_metric + b * n + a, e);
}

void
preset_generator(preset_writer * writer, slong generator, slong a, caustic_expr e)
{
    put(writer, writer->setting->generator + generator * writer->setting->parameters + a, e);
}

void
preset_element(preset_writer * writer, slong element, slong a, caustic_expr e)
{
    put(writer, writer->setting->element + element * writer->setting->parameters + a, e);
}

void
preset_section(preset_writer * writer, slong a, caustic_expr e)
{
    put(writer, writer->setting->section + a, e);
}

void
preset_stratum(preset_writer * writer, caustic_expr e)
{
    caustic_setting_struct * setting = writer->setting;

    setting->stratum = flint_realloc(setting->stratum, (size_t) (setting->strata + 1) * sizeof(caustic_expr));
    put(writer, setting->stratum + setting->strata++, e);
    setting->stratum_of_charts = 1;
}

void
preset_sphere(preset_writer * writer, slong dimension, slong radius)
{
    caustic_setting_struct * setting = writer->setting;

    setting->sphere = flint_realloc(setting->sphere, (size_t) (setting->spheres + 1) * sizeof(slong));
    setting->sphere_radius = flint_realloc(setting->sphere_radius, (size_t) (setting->spheres + 1) * sizeof(caustic_expr));
    setting->sphere_radius[setting->spheres] = setting->parameter[radius];
    setting->sphere[setting->spheres++] = dimension;
}

void
preset_say(preset_writer * writer, const char * format, ...)
{
    va_list arguments;

    if (writer->words->length > 0)
        caustic_text_append(writer->words, " ");
    va_start(arguments, format);
    caustic_text_vprintf(writer->words, format, arguments);
    va_end(arguments);
}

void
preset_copies(preset_writer * writer, slong copies, const char * unit)
{
    writer->setting->copies = copies;
    if (copies > 1)
        preset_say(writer, "The whole is a product of " WORD_FMT "d such %s, modulo their permutations; left out is where two"
            " of them lie on the same orbit.", copies, unit);
}

/* Expressions ********************************************************************************/

caustic_expr
preset_integer(preset_writer * writer, slong value)
{
    return caustic_integer(writer->pool, value);
}

caustic_expr
preset_times(preset_writer * writer, caustic_expr a, caustic_expr b)
{
    caustic_expr zero = caustic_integer(writer->pool, 0);

    return a == zero || b == zero ? zero : caustic_mul(writer->pool, a, b);
}

static void *
keep(preset_writer * writer, slong length, size_t size)
{
    void * room = flint_calloc((size_t) FLINT_MAX(length, 1), size);

    writer->kept = flint_realloc(writer->kept, (size_t) (writer->kept_length + 1) * sizeof(void *));
    writer->kept[writer->kept_length++] = room;
    return room;
}

caustic_expr *
preset_room(preset_writer * writer, slong length)
{
    return keep(writer, length, sizeof(caustic_expr));
}

slong *
preset_numbers(preset_writer * writer, slong length)
{
    return keep(writer, length, sizeof(slong));
}

caustic_expr
preset_sum_of_squares(preset_writer * writer, const caustic_expr * x, slong length)
{
    caustic_expr * square = preset_room(writer, length);

    for (slong i = 0; i < length; i++)
        square[i] = caustic_power_si(writer->pool, x[i], 2);

    return caustic_sum(writer->pool, square, length);
}

/* Matrices ***********************************************************************************/

preset_matrix
matrix_new(preset_writer * writer, slong rows, slong columns)
{
    preset_matrix a = { rows, columns, preset_room(writer, rows * columns) };

    for (slong i = 0; i < rows * columns; i++)
        a.entry[i] = caustic_integer(writer->pool, 0);

    return a;
}

preset_matrix
matrix_identity(preset_writer * writer, slong n)
{
    preset_matrix a = matrix_new(writer, n, n);

    for (slong i = 0; i < n; i++)
        ENTRY(a, i, i) = caustic_integer(writer->pool, 1);

    return a;
}

preset_matrix
matrix_transpose(preset_writer * writer, preset_matrix a)
{
    preset_matrix b = matrix_new(writer, a.columns, a.rows);

    for (slong i = 0; i < a.rows; i++)
        for (slong j = 0; j < a.columns; j++)
            ENTRY(b, j, i) = ENTRY(a, i, j);

    return b;
}

preset_matrix
matrix_product(preset_writer * writer, preset_matrix a, preset_matrix b)
{
    preset_matrix c = matrix_new(writer, a.rows, b.columns);
    caustic_expr * term = preset_room(writer, a.columns);

    FLINT_ASSERT(a.columns == b.rows);
    for (slong i = 0; i < a.rows; i++)
        for (slong j = 0; j < b.columns; j++)
        {
            for (slong k = 0; k < a.columns; k++)
                term[k] = preset_times(writer, ENTRY(a, i, k), ENTRY(b, k, j));
            ENTRY(c, i, j) = caustic_sum(writer->pool, term, a.columns);
        }

    return c;
}

preset_matrix
matrix_block(preset_writer * writer, preset_matrix a, slong row, slong column, slong rows, slong columns)
{
    preset_matrix b = matrix_new(writer, rows, columns);

    for (slong i = 0; i < rows; i++)
        for (slong j = 0; j < columns; j++)
            ENTRY(b, i, j) = ENTRY(a, row + i, column + j);

    return b;
}

/* Laplace's expansion along rows: the minors of the first k rows, for each set of k columns, from those
   of the first k - 1 rows. */
static caustic_expr
minor_of_columns(preset_writer * writer, preset_matrix a, const slong * column)
{
    slong n = a.rows;
    caustic_expr * minor = preset_room(writer, WORD(1) << n);
    caustic_expr term[PRESET_MINOR];

    minor[0] = caustic_integer(writer->pool, 1);

    for (slong set = 1; set < (WORD(1) << n); set++)
    {
        slong row = -1, terms = 0;

        for (slong j = 0; j < n; j++)
            row += (set >> j) & 1;

        /* The sign of column j in the last row is given by the columns of the set after it. */
        for (slong j = n - 1, after = 0; j >= 0; j--)
        {
            if (((set >> j) & 1) == 0)
                continue;
            term[terms] = preset_times(writer, ENTRY(a, row, column[j]), minor[set ^ (WORD(1) << j)]);
            if (after % 2 == 1)
                term[terms] = caustic_neg(writer->pool, term[terms]);
            terms++;
            after++;
        }
        minor[set] = caustic_sum(writer->pool, term, terms);
    }
    return minor[(WORD(1) << n) - 1];
}

caustic_expr
matrix_determinant(preset_writer * writer, preset_matrix a)
{
    slong column[PRESET_MINOR];

    FLINT_ASSERT(a.rows == a.columns && a.rows <= PRESET_MINOR);
    for (slong j = 0; j < a.columns; j++)
        column[j] = j;

    return minor_of_columns(writer, a, column);
}

preset_matrix
matrix_adjugate(preset_writer * writer, preset_matrix a)
{
    slong n = a.rows;
    preset_matrix b = matrix_new(writer, n, n);

    for (slong i = 0; i < n; i++)
        for (slong j = 0; j < n; j++)
        {
            preset_matrix rest = matrix_new(writer, n - 1, n - 1);

            for (slong r = 0; r < n - 1; r++)
                for (slong c = 0; c < n - 1; c++)
                    ENTRY(rest, r, c) = ENTRY(a, r + (r >= i), c + (c >= j));

            ENTRY(b, j, i) = matrix_determinant(writer, rest);
            if ((i + j) % 2 == 1)
                ENTRY(b, j, i) = caustic_neg(writer->pool, ENTRY(b, j, i));
        }

    return b;
}

preset_matrix
matrix_over(preset_writer * writer, preset_matrix a, caustic_expr divisor)
{
    preset_matrix b = matrix_new(writer, a.rows, a.columns);

    for (slong i = 0; i < a.rows * a.columns; i++)
        b.entry[i] = preset_times(writer, a.entry[i], caustic_power_si(writer->pool, divisor, -1));

    return b;
}

static slong
choices(slong n, slong k)
{
    slong count = 1;

    for (slong i = 0; i < FLINT_MIN(k, n - k) && count <= MINORS; i++)
        count = count * (n - i) / (i + 1);

    return count;
}

/* The next k of n columns in lexicographic order; 0 after the last. */
static int
next_columns(slong * column, slong k, slong n)
{
    slong i = k - 1;

    while (i >= 0 && column[i] == n - k + i)
        i--;
    if (i < 0)
        return 0;

    column[i]++;
    for (slong j = i + 1; j < k; j++)
        column[j] = column[j - 1] + 1;

    return 1;
}

/* Cauchy and Binet. */
caustic_expr
matrix_gram_determinant(preset_writer * writer, preset_matrix a)
{
    slong k = a.rows, n = a.columns, count = 0;
    slong column[PRESET_MINOR];
    caustic_expr minor[MINORS + 1];

    if (choices(n, k) > MINORS)
        return matrix_determinant(writer, matrix_product(writer, a, matrix_transpose(writer, a)));

    for (slong j = 0; j < k; j++)
        column[j] = j;
    do
        minor[count++] = minor_of_columns(writer, a, column);
    while (next_columns(column, k, n));

    return preset_sum_of_squares(writer, minor, count);
}
