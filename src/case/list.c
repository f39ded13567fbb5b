/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The case files that a path stands for.
*/

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "case_internal.h"

typedef struct
{
    char ** entries;
    slong length;
    slong capacity;
}
path_list;

static void
add_path(path_list * list, char * path)
{
    if (list->length == list->capacity)
    {
        list->capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        list->entries = flint_realloc(list->entries, (size_t) list->capacity * sizeof(char *));
    }
    list->entries[list->length++] = path;
}

static void
clear_paths(path_list * list)
{
    slong i;

    for (i = 0; i < list->length; i++)
    {
        flint_free(list->entries[i]);
    }
    flint_free(list->entries);
}

static int
compare_paths(const void * a, const void * b)
{
    return strcmp(*(char * const *) a, *(char * const *) b);
}

static char *
join(const char * directory, const char * name)
{
    size_t length = strlen(directory);
    caustic_text_t path;
    char * result;

    caustic_text_init(path);
    caustic_text_append(path, directory);
    if (length > 0 && directory[length - 1] != '/')
    {
        caustic_text_append(path, "/");
    }
    caustic_text_append(path, name);
    result = caustic_text_take(path);
    caustic_text_clear(path);
    return result;
}

static int
is_case_name(const char * name)
{
    const char * dot = strrchr(name, '.');

    return dot != NULL && dot != name && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* A directory's cases and subdirectories. Symbolic links to directories are not followed, so there
   are no loops; hidden entries are left out. */
static caustic_result
scan(path_list * cases, path_list * directories, const char * directory, caustic_error_t error)
{
    DIR * stream = opendir(directory);
    struct dirent * entry;

    if (stream == NULL)
    {
        return caustic_error_set(error, CAUSTIC_IO_ERROR, directory, 0, 0, "cannot read the directory: %s",
            strerror(errno));
    }
    while ((entry = readdir(stream)) != NULL)
    {
        struct stat itself, target;
        char * path;

        if (entry->d_name[0] == '.')
        {
            continue;
        }
        path = join(directory, entry->d_name);
        if (lstat(path, &itself) == 0 && S_ISDIR(itself.st_mode))
        {
            add_path(directories, path);
        }
        else if (is_case_name(entry->d_name) && !(stat(path, &target) == 0 && S_ISDIR(target.st_mode)))
        {
            add_path(cases, path);
        }
        else
        {
            flint_free(path);
        }
    }
    closedir(stream);
    return CAUSTIC_OK;
}

static caustic_result
scan_all(path_list * cases, const char * root, caustic_error_t error)
{
    path_list directories = {NULL, 0, 0};
    caustic_result result = CAUSTIC_OK;
    slong i;

    add_path(&directories, caustic_string_copy(root));
    for (i = 0; i < directories.length && result == CAUSTIC_OK; i++)
    {
        result = scan(cases, &directories, directories.entries[i], error);
    }
    clear_paths(&directories);
    return result;
}

caustic_result
caustic_case_list(char *** files, slong * length, const char * path, caustic_error_t error)
{
    path_list cases = {NULL, 0, 0};
    struct stat status;
    caustic_result result = CAUSTIC_OK;

    *files = NULL;
    *length = 0;
    if (stat(path, &status) != 0)
    {
        return caustic_error_set(error, CAUSTIC_IO_ERROR, path, 0, 0, "cannot open the case file: %s",
            strerror(errno));
    }

    if (!S_ISDIR(status.st_mode))
    {
        add_path(&cases, caustic_string_copy(path));
    }
    else
    {
        result = scan_all(&cases, path, error);
        if (result == CAUSTIC_OK && cases.length == 0)
        {
            result = caustic_error_set(error, CAUSTIC_BAD_USAGE, path, 0, 0,
                "there are no case files in this directory; expected files named *.yaml or *.yml");
        }
    }

    if (result != CAUSTIC_OK)
    {
        clear_paths(&cases);
        return result;
    }
    qsort(cases.entries, (size_t) cases.length, sizeof(char *), compare_paths);
    *files = cases.entries;
    *length = cases.length;
    return CAUSTIC_OK;
}

void
caustic_case_list_clear(char ** files, slong length)
{
    slong i;

    for (i = 0; i < length; i++)
    {
        flint_free(files[i]);
    }
    flint_free(files);
}
