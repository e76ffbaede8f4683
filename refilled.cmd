@echo off
rem Builds the command where its sources changed, then runs it.
dotnet build "%~dp0src\Refilled.Cli" -c Release -v quiet --nologo 1>&2 || exit /b 1
dotnet "%~dp0src\Refilled.Cli\bin\Release\net10.0\Refilled.Cli.dll" %*
