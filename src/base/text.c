/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <caustic/base.h>

static void
text_reserve(caustic_text_t text, size_t extra)
{
    size_t needed = text->length + extra + 1;

    if (needed <= text->capacity)
        return;

    if (needed < 2 * text->capacity)
        needed = 2 * text->capacity;

    text->data = flint_realloc(text->data, needed);
    text->capacity = needed;
}

void
caustic_text_init(caustic_text_t text)
{
    text->data = NULL;
    text->length = 0;
    text->capacity = 0;
    text_reserve(text, 31);
    text->data[0] = '\0';
}

void
caustic_text_clear(caustic_text_t text)
{
    flint_free(text->data);
    text->data = NULL;
    text->length = 0;
    text->capacity = 0;
}

void
caustic_text_reset(caustic_text_t text)
{
    text->length = 0;
    text->data[0] = '\0';
}

void
caustic_text_append_length(caustic_text_t text, const char * string, size_t length)
{
    text_reserve(text, length);
    memcpy(text->data + text->length, string, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void
caustic_text_append(caustic_text_t text, const char * string)
{
    caustic_text_append_length(text, string, strlen(string));
}

void
caustic_text_vprintf(caustic_text_t text, const char * format, va_list arguments)
{
    va_list again;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);

    if (length < 0)
        flint_throw(FLINT_ERROR, "caustic_text_printf: bad format\n");

    text_reserve(text, (size_t) length);
    vsnprintf(text->data + text->length, (size_t) length + 1, format, again);
    text->length += (size_t) length;
    va_end(again);
}

void
caustic_text_printf(caustic_text_t text, const char * format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    caustic_text_vprintf(text, format, arguments);
    va_end(arguments);
}

char *
caustic_text_take(caustic_text_t text)
{
    char * data = text->data;

    caustic_text_init(text);
    return data;
}

char *
caustic_string_copy(const char * string)
{
    size_t size;
    char * copy;

    if (string == NULL)
        return NULL;

    size = strlen(string) + 1;
    copy = flint_malloc(size);
    memcpy(copy, string, size);
    return copy;
}
