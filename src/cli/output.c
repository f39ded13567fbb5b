/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <errno.h>
#include <signal.h>
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
    caustic_text_t message;

    caustic_text_init(message);
    va_start(arguments, format);
    caustic_text_vprintf(message, format, arguments);
    va_end(arguments);

    /* a file may be called what a terminal would obey */
    for (size_t i = 0; i < message->length; i++)
        if ((unsigned char) message->data[i] < ' ' || message->data[i] == 0x7f)
            message->data[i] = '?';

    fflush(stdout);
    fprintf(stderr, "caustic: %s\n", message->data);
    caustic_text_clear(message);
}

static int
write_all(int descriptor, const caustic_text_struct * text)
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

static char *
joined(const char * directory, const char * name)
{
    size_t length = strlen(directory) + strlen(name) + 2;
    char * path = flint_malloc(length);

    snprintf(path, length, "%s/%s", directory, name);
    return path;
}

/* The directory of the file that is meant, links followed, and its name there; the file need not be.
   NULL, and errno, where it cannot be. */
static char *
destination(char ** name, const char * file)
{
    char * whole = realpath(file, NULL), * path, * slash, * directory, * result = NULL;
    struct stat link;

    *name = NULL;
    if (whole == NULL && lstat(file, &link) == 0) /* a link to nothing */
        return NULL;

    path = whole != NULL ? caustic_string_copy(whole) : strchr(file, '/') != NULL ? caustic_string_copy(file) : joined(".", file);
    slash = strrchr(path, '/');
    *slash = '\0';
    directory = realpath(*path == '\0' ? "/" : path, NULL);

    if (slash[1] == '\0')
    {
        errno = ENOENT;
    }
    else if (directory != NULL)
    {
        *name = caustic_string_copy(slash + 1);
        result = caustic_string_copy(directory);
    }

    free(whole);
    free(directory);
    flint_free(path);
    return result;
}

/* Signals that end a program wait until no unfinished file is left. */
static void
hold_signals(sigset_t * before)
{
    sigset_t deadly;

    sigemptyset(&deadly);
    sigaddset(&deadly, SIGHUP);
    sigaddset(&deadly, SIGINT);
    sigaddset(&deadly, SIGQUIT);
    sigaddset(&deadly, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &deadly, before);
}

/* The new file takes the place of the old one, and its permissions, only when it is complete, so
   that a full disk or a kill leaves the old one as it was. Without a text the place is only tried. */
static int
replace_file(const char * file, const caustic_text_struct * text)
{
    char * name, * directory = destination(&name, file);
    char * whole = directory == NULL ? NULL : joined(directory, name);
    char * temporary = directory == NULL ? NULL : joined(directory, ".caustic.XXXXXX");
    mode_t mask = umask(0), mode = 0666 & ~mask;
    int descriptor = -1, failed = 1;
    struct stat existing;
    sigset_t before;

    umask(mask);
    hold_signals(&before);

    if (whole != NULL && stat(whole, &existing) != 0)
    {
        descriptor = mkstemp(temporary);
    }
    else if (whole != NULL && access(whole, W_OK) == 0)
    {
        mode = existing.st_mode & 0777;
        descriptor = mkstemp(temporary);
    }

    if (descriptor >= 0)
    {
        failed = text != NULL
            && (write_all(descriptor, text) != 0 || fchmod(descriptor, mode) != 0 || fsync(descriptor) != 0);
        failed = close(descriptor) != 0 || failed;
        failed = failed || (text != NULL && rename(temporary, whole) != 0);
    }

    if (failed)
        write_failed(file);
    if (descriptor >= 0 && (failed || text == NULL))
        unlink(temporary);

    pthread_sigmask(SIG_SETMASK, &before, NULL);
    flint_free(temporary);
    flint_free(whole);
    flint_free(name);
    flint_free(directory);
    return failed ? EXIT_INPUT_OUTPUT : 0;
}

static int
write_standard_output(const caustic_text_struct * text)
{
    if (fflush(stdout) != 0 || write_all(STDOUT_FILENO, text) != 0)
        return write_failed("standard output");

    return 0;
}

int
cli_printed(void)
{
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_ALL_PROVED : write_failed("standard output");
}

/* The descriptor of standard output or error if the file is what that is connected to (/dev/stdout, or
   the file the shell has opened for it), else -1. */
static int
open_descriptor(const struct stat * file)
{
    struct stat standard;

    for (int descriptor = STDOUT_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        if (fstat(descriptor, &standard) == 0 && standard.st_dev == file->st_dev && standard.st_ino == file->st_ino)
            return descriptor;

    return -1;
}

/* Devices and pipes cannot be replaced; they are written to. */
static int
write_through(const char * file, const caustic_text_struct * text)
{
    FILE * stream = fopen(file, "w");
    size_t written;

    if (stream == NULL)
        return write_failed(file);

    written = fwrite(text->data, 1, text->length, stream);
    if (fclose(stream) != 0 || written != text->length)
        return write_failed(file);

    return 0;
}

/* NULL for a text: only whether it will be possible. */
static int
write_or_try(const char * file, const caustic_text_struct * text)
{
    struct stat existing;
    int descriptor;

    if (file == NULL)
        return text == NULL ? 0 : write_standard_output(text);

    if (stat(file, &existing) != 0)
        return replace_file(file, text);

    if (S_ISDIR(existing.st_mode))
    {
        errno = EISDIR;
        return write_failed(file);
    }

    descriptor = open_descriptor(&existing);
    if (descriptor >= 0)
        return text == NULL || write_all(descriptor, text) == 0 ? 0 : write_failed(file);

    if (S_ISREG(existing.st_mode))
        return replace_file(file, text);

    if (text == NULL)
        return access(file, W_OK) == 0 ? 0 : write_failed(file);

    return write_through(file, text);
}

int
cli_write(const char * file, const caustic_text_t text)
{
    return write_or_try(file, text);
}

int
cli_try_writing(const char * file)
{
    return write_or_try(file, NULL);
}

int
cli_would_replace(const char * output, const char * file)
{
    char * name[2], * directory[2] = {destination(name, output), destination(name + 1, file)};
    struct stat existing;
    int same = directory[0] != NULL && directory[1] != NULL
        && strcmp(directory[0], directory[1]) == 0 && strcmp(name[0], name[1]) == 0
        && (stat(output, &existing) != 0 || S_ISREG(existing.st_mode));

    for (int i = 0; i < 2; i++)
    {
        flint_free(name[i]);
        flint_free(directory[i]);
    }
    return same;
}
