/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Data rows: inline or from a file of comma-separated values. Every entry is an exact number.
*/

#include <string.h>
#include "case_internal.h"

static void
add_column(loader_t loader, const char * name, slong length)
{
    caustic_data * data = &loader->data;

    data->names = flint_realloc(data->names, (size_t) (data->columns + 1) * sizeof(char *));
    data->names[data->columns] = flint_malloc((size_t) length + 1);
    memcpy(data->names[data->columns], name, (size_t) length);
    data->names[data->columns][length] = 0;
    data->columns++;
}

/* Reads a number into the next entry; `capacity` belongs to the entries. */
static caustic_result
add_entry(loader_t loader, slong index, slong * capacity, const char * text, const caustic_origin * origin)
{
    caustic_data * data = &loader->data;
    fmpq_t value;
    caustic_result result;

    fmpq_init(value);
    result = caustic_parse_fmpq(value, text, origin, loader->error);
    if (result == CAUSTIC_OK)
    {
        result = caustic_loader_count(loader, value, origin->line, origin->column);
        if (result != CAUSTIC_OK && origin->file != loader->file)
        {
            result = caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, origin->file, origin->line, origin->column,
                "the numbers up to here take more than %d bits together, the limit", CAUSTIC_BITS_LIMIT);
        }
    }
    if (result == CAUSTIC_OK)
    {
        if (index >= *capacity)
        {
            *capacity = *capacity == 0 ? 64 : 2 * *capacity;
            data->entries = flint_realloc(data->entries, (size_t) *capacity * sizeof(caustic_expr));
        }
        data->entries[index] = caustic_number(loader->result->pool, value);
    }
    fmpq_clear(value);
    return result;
}

/* Inline *************************************************************************************/

static caustic_result
inline_columns(loader_t loader, slong list)
{
    slong node;

    TRY(caustic_loader_sequence(loader, list, "a list of column names"));
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next)
    {
        TRY(caustic_loader_name(loader, node, "a data column", 1));
        add_column(loader, caustic_loader_text(loader, node), (slong) loader->tree->nodes[node].length);
        caustic_loader_declare(loader, caustic_loader_text(loader, node), "a data column", NULL,
            loader->tree->nodes[node].line, loader->tree->nodes[node].column);
    }
    if (loader->data.columns == 0)
    {
        return FAIL(loader, list, "expected at least one column name, found an empty list");
    }
    return CAUSTIC_OK;
}

static caustic_result
inline_rows(loader_t loader, slong list)
{
    slong row, node, index = 0, capacity = 0;

    TRY(caustic_loader_sequence(loader, list, "a list of rows, each a list of numbers"));
    for (row = loader->tree->nodes[list].first; row >= 0; row = loader->tree->nodes[row].next)
    {
        TRY(caustic_loader_sequence_of(loader, row, loader->data.columns, "numbers", "one for each column"));
        for (node = loader->tree->nodes[row].first; node >= 0; node = loader->tree->nodes[node].next, index++)
        {
            caustic_origin origin;

            TRY(caustic_loader_scalar(loader, node, "a number"));
            origin.file = loader->file;
            caustic_tree_locate(&origin.line, &origin.column, loader->tree, node, 0);
            TRY(add_entry(loader, index, &capacity, caustic_loader_text(loader, node), &origin));
        }
        loader->data.rows++;
    }
    if (loader->data.rows == 0)
    {
        return FAIL(loader, list, "expected at least one row, found an empty list");
    }
    return CAUSTIC_OK;
}

/* Comma-separated values *********************************************************************/

/* One line of the file and where the reading of it stands. */
typedef struct
{
    const char * text;
    size_t length;
    size_t at;
    slong line;
}
csv_line;

/* One field: its text without blanks or quotes around it, and its place. */
typedef struct
{
    const char * text;
    size_t length;
    slong column;
}
csv_field;

static int
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static int
csv_skipped(const csv_line * line)
{
    size_t i = 0;

    while (i < line->length && is_blank(line->text[i]))
    {
        i++;
    }
    return i == line->length || line->text[i] == '#';
}

/* The next field; moves past its comma. *more: a comma followed it. */
static caustic_result
csv_next(csv_field * field, int * more, csv_line * line, const char * file, caustic_error_t error)
{
    size_t start, end;

    while (line->at < line->length && is_blank(line->text[line->at]))
    {
        line->at++;
    }
    start = line->at;
    if (start < line->length && line->text[start] == '"')
    {
        start++;
        end = start;
        while (end < line->length && line->text[end] != '"')
        {
            end++;
        }
        if (end == line->length)
        {
            return caustic_error_set(error, CAUSTIC_BAD_INPUT, file, line->line, (slong) start,
                "a quoted field is not closed on its line");
        }
        line->at = end + 1;
        while (line->at < line->length && is_blank(line->text[line->at]))
        {
            line->at++;
        }
        if (line->at < line->length && line->text[line->at] != ',')
        {
            return caustic_error_set(error, CAUSTIC_BAD_INPUT, file, line->line, (slong) line->at + 1,
                "expected a comma or the end of the line after a quoted field");
        }
    }
    else
    {
        while (line->at < line->length && line->text[line->at] != ',')
        {
            line->at++;
        }
        end = line->at;
        while (end > start && is_blank(line->text[end - 1]))
        {
            end--;
        }
    }
    field->text = line->text + start;
    field->length = end - start;
    field->column = (slong) start + 1;
    *more = line->at < line->length;
    line->at += *more ? 1 : 0;
    return CAUSTIC_OK;
}

static caustic_result
csv_header(loader_t loader, csv_line * line)
{
    const char * file = loader->data_path;
    int more = 1;

    while (more)
    {
        csv_field field;

        TRY(csv_next(&field, &more, line, file, loader->error));
        add_column(loader, field.text, (slong) field.length);
        TRY(caustic_name_check(loader->data.names[loader->data.columns - 1], "a data column", 1, file, line->line,
            field.column, loader->error));
        caustic_loader_declare(loader, NULL, "a data column", file, line->line, field.column);
    }
    return CAUSTIC_OK;
}

static caustic_result
csv_row(loader_t loader, csv_line * line, slong * capacity)
{
    caustic_data * data = &loader->data;
    const char * file = loader->data_path;
    caustic_origin origin;
    slong columns = 0;
    int more = 1;

    while (more)
    {
        csv_field field;
        char * copy;
        caustic_result result;

        TRY(csv_next(&field, &more, line, file, loader->error));
        if (columns == data->columns)
        {
            return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, file, line->line, field.column,
                "more fields than the header's " WORD_FMT "d columns", data->columns);
        }
        if (field.length == 0)
        {
            return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, file, line->line, field.column,
                "expected a number in column '%s', found nothing", data->names[columns]);
        }
        origin.file = file;
        origin.line = line->line;
        origin.column = field.column;
        copy = flint_malloc(field.length + 1);
        memcpy(copy, field.text, field.length);
        copy[field.length] = 0;
        result = add_entry(loader, data->rows * data->columns + columns, capacity, copy, &origin);
        flint_free(copy);
        TRY(result);
        columns++;
    }
    if (columns < data->columns)
    {
        return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, file, line->line, (slong) line->length + 1,
            "expected " WORD_FMT "d fields as in the header, found " WORD_FMT "d", data->columns, columns);
    }
    data->rows++;
    return CAUSTIC_OK;
}

static caustic_result
csv_read(loader_t loader, const char * text, size_t length)
{
    csv_line line;
    size_t start = 0;
    slong capacity = 0;
    slong declared = loader->declared_length;
    slong i;

    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
    {
        start = 3;
    }
    for (line.line = 1; start < length; line.line++)
    {
        const char * end = memchr(text + start, '\n', length - start);

        line.text = text + start;
        line.length = end == NULL ? length - start : (size_t) (end - line.text);
        line.at = 0;
        start += line.length + 1;
        while (line.length > 0 && line.text[line.length - 1] == '\r')
        {
            line.length--;
        }
        if (csv_skipped(&line))
        {
            continue;
        }
        TRY(loader->data.columns == 0 ? csv_header(loader, &line) : csv_row(loader, &line, &capacity));
    }
    if (loader->data.rows == 0)
    {
        return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, loader->data_path, 1, 1,
            "the data file has no rows; expected a line of column names, then lines of numbers");
    }
    /* Names are only now where they stay. */
    for (i = 0; i < loader->data.columns; i++)
    {
        loader->declared[declared + i].name = loader->data.names[i];
    }
    return CAUSTIC_OK;
}

/* The path of a data file: beside the case file unless it is absolute. */
static char *
beside(const char * file, const char * name)
{
    const char * slash = file == NULL ? NULL : strrchr(file, '/');
    caustic_text_t path;
    char * result;

    caustic_text_init(path);
    if (name[0] != '/' && slash != NULL)
    {
        caustic_text_append_length(path, file, (size_t) (slash - file) + 1);
    }
    caustic_text_append(path, name);
    result = caustic_text_take(path);
    caustic_text_clear(path);
    return result;
}

static caustic_result
read_file(loader_t loader, slong node)
{
    TRY(caustic_loader_scalar(loader, node, "the name of a file of comma-separated values"));
    loader->data_path = beside(loader->file, caustic_loader_text(loader, node));
    TRY(caustic_source_read(loader->data_source, loader->data_path, "data file", loader->error));
    TRY(caustic_source_check(loader->data_source->data, loader->data_source->length, loader->data_path, loader->error));
    return csv_read(loader, loader->data_source->data, loader->data_source->length);
}

caustic_result
caustic_loader_data(loader_t loader)
{
    slong node = loader->top[CASE_DATA];
    slong value[SCHEMA_KEYS];

    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_block(value, loader, node, BLOCK_DATA));
    if (value[DATA_FILE] >= 0 && (value[DATA_COLUMNS] >= 0 || value[DATA_ROWS] >= 0))
    {
        return FAIL(loader, value[DATA_FILE], "data stand either in a file or in columns and rows, not both");
    }
    if (value[DATA_FILE] >= 0)
    {
        TRY(read_file(loader, value[DATA_FILE]));
    }
    else
    {
        TRY(caustic_loader_required(loader, node, BLOCK_DATA, value, DATA_COLUMNS));
        TRY(caustic_loader_required(loader, node, BLOCK_DATA, value, DATA_ROWS));
        TRY(inline_columns(loader, value[DATA_COLUMNS]));
        TRY(inline_rows(loader, value[DATA_ROWS]));
    }
    loader->has_data = 1;
    return CAUSTIC_OK;
}
