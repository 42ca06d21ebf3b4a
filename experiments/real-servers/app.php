<?php
// What served.py does, for PHP-FPM and Apache.
$began = hrtime(true) / 1e9;

function cpu_time(): float
{
    $used = getrusage();
    return $used['ru_utime.tv_sec'] + $used['ru_stime.tv_sec']
        + ($used['ru_utime.tv_usec'] + $used['ru_stime.tv_usec']) / 1e6;
}

foreach (explode('/', $_SERVER['REQUEST_URI']) as $phase) {
    [$kind, $seconds] = explode(':', $phase) + [1 => 0];
    if ($kind === 'cpu') {
        for ($ends = cpu_time() + $seconds; cpu_time() < $ends;) {
            for ($i = 0; $i < 200; $i++) {
            }
        }
    } elseif ($kind === 'io') {
        usleep((int) round($seconds * 1e6));
    }
}
header('Content-Type: text/plain');
header('Content-Length: 5');
header('X-Process: ' . getmypid());
header(sprintf('X-Began: %.6f', $began));
header(sprintf('X-Ended: %.6f', hrtime(true) / 1e9));
echo "done\n";
