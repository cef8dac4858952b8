// Starts a program of Windows as the agent of Azure Pipelines does, for tests under Wine. Unicode throughout, so that any path and value
// of Windows can be passed.
//
//   launcher.exe PROGRAM ARGUMENT...   The program gets pipes of Windows for its output, because Node.js does not start with those of
//     Unix (EBADF). The bytes of standard input are orders: `c` sends Ctrl+C and `b` Ctrl+Break to the console of the program, as
//     ProcessInvoker.Windows.cs of the agent does. The end of standard input ends the program and all that it has started.
//   launcher.exe --hold FILE MS   Has a file open, so that no one can replace or remove it, and prints `held`. A virus scanner does the same.
//   launcher.exe --read-only FILE   Gives a file the attribute "read-only".
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

static HANDLE child;
static DWORD child_id;

struct copy {
  HANDLE from;
  DWORD to;
};

static DWORD WINAPI copy_output(LPVOID argument) {
  struct copy *copy = argument;
  HANDLE to = GetStdHandle(copy->to);
  char piece[65536];
  DWORD count, written;
  while (ReadFile(copy->from, piece, sizeof piece, &count, NULL) && count > 0) {
    for (DWORD at = 0; at < count; at += written) {
      if (!WriteFile(to, piece + at, count - at, &written, NULL)) {
        return 1;
      }
    }
  }
  return 0;
}

// Windows ends a process at Ctrl+Break that has no handler; ignoring Ctrl+C, which a process can ask for, is not enough.
static BOOL WINAPI ignore_event(DWORD event) {
  (void)event;
  return TRUE;
}

// Only a process of the same console can send the event, and it gets the event too.
static void send_event(DWORD event) {
  FreeConsole();
  BOOL is_attached = AttachConsole(child_id);
  SetConsoleCtrlHandler(ignore_event, TRUE);
  if (!is_attached || !GenerateConsoleCtrlEvent(event, 0)) {
    fprintf(stderr, "launcher: the console event failed (%lu)\n", GetLastError());
  }
}

static DWORD WINAPI obey(LPVOID input) {
  char order;
  DWORD count;
  while (ReadFile(input, &order, 1, &count, NULL) && count == 1) {
    if (order == 'c' || order == 'b') {
      send_event(order == 'c' ? CTRL_C_EVENT : CTRL_BREAK_EVENT);
    }
  }
  // Who gave the orders has ended. The end of this process ends the job with all of its processes.
  ExitProcess(1);
}

static BOOL open_pipe(HANDLE *from, HANDLE *to) {
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  return CreatePipe(from, to, &inherited, 0) && SetHandleInformation(*from, HANDLE_FLAG_INHERIT, 0);
}

// The command line without the name of this program: how it is quoted stays as it is.
static wchar_t *skip_program(wchar_t *line) {
  wchar_t end = *line == L'"' ? L'"' : L' ';
  wchar_t *rest = wcschr(line + 1, end);
  rest = rest == NULL ? line + wcslen(line) : rest + 1;
  return rest + wcsspn(rest, L" ");
}

static int start(wchar_t *line) {
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  HANDLE out, err, to_out, to_err;
  HANDLE nothing = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, 0, NULL);
  HANDLE job = CreateJobObjectW(NULL, NULL);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  if (!open_pipe(&out, &to_out) || !open_pipe(&err, &to_err)) {
    return 127;
  }
  STARTUPINFOW info = {0};
  info.cb = sizeof info;
  info.dwFlags = STARTF_USESTDHANDLES;
  info.hStdInput = nothing;
  info.hStdOutput = to_out;
  info.hStdError = to_err;
  PROCESS_INFORMATION process;
  // A console of its own, as the agent gives each step.
  DWORD flags = CREATE_NEW_CONSOLE | CREATE_SUSPENDED;
  if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, flags, NULL, NULL, &info, &process)) {
    fprintf(stderr, "launcher: the program does not start (%lu)\n", GetLastError());
    return 127;
  }
  AssignProcessToJobObject(job, process.hProcess);
  child = process.hProcess;
  child_id = process.dwProcessId;
  ResumeThread(process.hThread);
  CloseHandle(to_out);
  CloseHandle(to_err);
  struct copy copies[] = {{out, STD_OUTPUT_HANDLE}, {err, STD_ERROR_HANDLE}};
  HANDLE threads[] = {CreateThread(NULL, 0, copy_output, &copies[0], 0, NULL),
                      CreateThread(NULL, 0, copy_output, &copies[1], 0, NULL)};
  CreateThread(NULL, 0, obey, GetStdHandle(STD_INPUT_HANDLE), 0, NULL);
  WaitForSingleObject(child, INFINITE);
  WaitForMultipleObjects(2, threads, TRUE, INFINITE);
  DWORD code = 127;
  GetExitCodeProcess(child, &code);
  ExitProcess(code);
}

static int hold(const wchar_t *path, const wchar_t *ms) {
  // Others may read and write it, but not remove or rename it.
  HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) {
    fprintf(stderr, "launcher: the file cannot be opened (%lu)\n", GetLastError());
    return 1;
  }
  puts("held");
  fflush(stdout);
  Sleep(wcstoul(ms, NULL, 10));
  CloseHandle(file);
  return 0;
}

int wmain(int count, wchar_t **arguments) {
  _setmode(_fileno(stdout), _O_BINARY);
  if (count == 4 && wcscmp(arguments[1], L"--hold") == 0) {
    return hold(arguments[2], arguments[3]);
  }
  if (count == 3 && wcscmp(arguments[1], L"--read-only") == 0) {
    return SetFileAttributesW(arguments[2], FILE_ATTRIBUTE_READONLY) ? 0 : 1;
  }
  return count > 1 ? start(skip_program(GetCommandLineW())) : 2;
}
