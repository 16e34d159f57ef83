// The run itself ends at its limit, whatever the script does.
while (true) {
  try { while (true); } catch { /* once more */ }
}
