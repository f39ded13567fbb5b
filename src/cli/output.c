/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli.h"

void
cli_message(const char * format, ...)
{
    va_list arguments;

    fflush(stdout);
    fputs("caustic: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static int
write_all(int descriptor, const caustic_text_t text)
{
    size_t done = 0;

    while (done < text->length)
    {
        ssize_t written = write(descriptor, text->data + done, text->length - done);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        done += (size_t) written;
    }

    return 0;
}

static int
write_failed(const char * file)
{
    cli_message("%s could not be written: %s", file, strerror(errno));
    return EXIT_INPUT_OUTPUT;
}

/* A new file beside the old one takes its place only when it is complete, so that a full disk or a
   kill leaves the old one as it was. */
static int
replace_file(const char * file, const caustic_text_t text)
{
    size_t length = strlen(file);
    char * temporary = flint_malloc(length + 8);
    mode_t mask = umask(0);
    int descriptor, status = 0;

    umask(mask);
    memcpy(temporary, file, length);
    memcpy(temporary + length, ".XXXXXX", 8);
    descriptor = mkstemp(temporary);

    if (descriptor < 0)
    {
        status = write_failed(file);
    }
    else
    {
        int failed = write_all(descriptor, text) != 0 || fchmod(descriptor, 0666 & ~mask) != 0 || fsync(descriptor) != 0;

        if (close(descriptor) != 0)
            failed = 1;

        if (failed || rename(temporary, file) != 0)
        {
            status = write_failed(file);
            unlink(temporary);
        }
    }

    flint_free(temporary);
    return status;
}

static int
write_standard_output(const caustic_text_t text)
{
    if (fflush(stdout) != 0 || write_all(STDOUT_FILENO, text) != 0)
        return write_failed("standard output");

    return 0;
}

int
cli_write(const char * file, const caustic_text_t text)
{
    struct stat existing;
    FILE * stream;

    if (file == NULL)
        return write_standard_output(text);

    /* Devices and pipes cannot be replaced; they are written to. */
    if (stat(file, &existing) == 0 && !S_ISREG(existing.st_mode))
    {
        if (S_ISDIR(existing.st_mode))
        {
            cli_message("%s is a directory; --output takes a file", file);
            return EXIT_INPUT_OUTPUT;
        }

        stream = fopen(file, "w");
        if (stream == NULL)
            return write_failed(file);
        if (fwrite(text->data, 1, text->length, stream) != text->length)
        {
            int status = write_failed(file);

            fclose(stream);
            return status;
        }
        return fclose(stream) == 0 ? 0 : write_failed(file);
    }

    return replace_file(file, text);
}
