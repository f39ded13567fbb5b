/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "case_internal.h"

/* Reads an open descriptor to its end, one byte past the limit at most. */
static caustic_result
read_all(caustic_text_t out, int descriptor, const char * path, const char * what, caustic_error_t error)
{
    char buffer[16384];
    size_t total = 0;

    while (1)
    {
        ssize_t got = read(descriptor, buffer, sizeof(buffer));

        if (got < 0 && errno == EINTR)
        {
            continue;
        }
        if (got < 0)
        {
            return caustic_error_set(error, CAUSTIC_IO_ERROR, path, 0, 0, "cannot read the %s: %s",
                what, strerror(errno));
        }
        if (got == 0)
        {
            return CAUSTIC_OK;
        }
        total += (size_t) got;
        if (total > CAUSTIC_CASE_BYTES)
        {
            return caustic_error_set(error, CAUSTIC_BAD_INPUT, path, 0, 0,
                "the %s is larger than %d bytes (1 MiB), the limit", what, CAUSTIC_CASE_BYTES);
        }
        caustic_text_append_length(out, buffer, (size_t) got);
    }
}

caustic_result
caustic_source_read(caustic_text_t out, const char * path, const char * what, caustic_error_t error)
{
    struct stat status;
    caustic_result result;
    /* Opening a fifo without O_NONBLOCK would wait for a writer. */
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (descriptor < 0)
    {
        return caustic_error_set(error, CAUSTIC_IO_ERROR, path, 0, 0, "cannot open the %s: %s", what,
            strerror(errno));
    }

    if (fstat(descriptor, &status) != 0)
    {
        result = caustic_error_set(error, CAUSTIC_IO_ERROR, path, 0, 0, "cannot read the %s: %s", what,
            strerror(errno));
    }
    else if (!S_ISREG(status.st_mode))
    {
        result = caustic_error_set(error, CAUSTIC_IO_ERROR, path, 0, 0,
            "not a regular file but %s; a %s is a text file",
            S_ISDIR(status.st_mode) ? "a directory" : "a device, a pipe or a socket", what);
    }
    else
    {
        result = read_all(out, descriptor, path, what, error);
    }

    close(descriptor);
    return result;
}

/* The number of bytes of the UTF-8 character at `text`, 0 where there is none; its code in *code.
   Overlong forms, surrogates and codes above 10FFFF are none. */
static size_t
utf8_character(unsigned long * code, const unsigned char * text, size_t length)
{
    static const unsigned long least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size, i;

    *code = text[0];
    if (text[0] < 0x80)
    {
        return 1;
    }
    if (text[0] >= 0xC2 && text[0] <= 0xDF)
    {
        size = 2;
        *code &= 0x1F;
    }
    else if (text[0] >= 0xE0 && text[0] <= 0xEF)
    {
        size = 3;
        *code &= 0x0F;
    }
    else if (text[0] >= 0xF0 && text[0] <= 0xF4)
    {
        size = 4;
        *code &= 0x07;
    }
    else
    {
        return 0;
    }
    if (size > length)
    {
        return 0;
    }
    for (i = 1; i < size; i++)
    {
        if ((text[i] & 0xC0) != 0x80)
        {
            return 0;
        }
        *code = (*code << 6) | (text[i] & 0x3F);
    }
    if (*code < least[size] || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF))
    {
        return 0;
    }
    return size;
}

caustic_result
caustic_source_check(const char * text, size_t length, const char * file, caustic_error_t error)
{
    const unsigned char * bytes = (const unsigned char *) text;
    slong line = 1;
    slong column = 1;
    size_t at = 0;

    while (at < length)
    {
        unsigned long code;
        size_t size = utf8_character(&code, bytes + at, length - at);

        if (size == 0)
        {
            return caustic_error_set(error, CAUSTIC_BAD_INPUT, file, line, column,
                "the byte 0x%02X is not UTF-8 text; expected a text file in UTF-8", (unsigned) bytes[at]);
        }
        if (code == '\n' || (code == '\r' && !(at + 1 < length && bytes[at + 1] == '\n')))
        {
            line++;
            column = 1;
        }
        else if (code == '\t' || code == '\r')
        {
            column++;
        }
        else if (code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029
            || code == 0xFFFE || code == 0xFFFF || (code == 0xFEFF && at > 0))
        {
            return caustic_error_set(error, CAUSTIC_BAD_INPUT, file, line, column,
                "the control character U+%04lX cannot stand in a text file", code);
        }
        else
        {
            column++;
        }
        at += size;
    }

    return CAUSTIC_OK;
}
