//! Servers that simsrv does not know, and which known one is alike.

/// A program, and what to give instead.
const ALIKE: [(&str, &str); 22] = [
    ("rails server", "'rails server' starts Puma: give --from config/puma.rb"),
    ("rails s", "'rails s' starts Puma: give --from config/puma.rb"),
    ("npm start", "npm starts a script of package.json: give the command of that script"),
    ("npm run", "npm starts a script of package.json: give the command of that script"),
    ("yarn", "yarn starts a script of package.json: give the command of that script"),
    (
        "flask run",
        "'flask run' is a server for development (one thread for each request): give the \
                   command of the server in production, such as gunicorn",
    ),
    (
        "runserver",
        "'runserver' is a server for development: give the command of the server in \
                   production, such as gunicorn",
    ),
    (
        "octane:start",
        "Octane's workers serve one request each, as PHP-FPM's children do: give \
                      --server php-fpm and --workers",
    ),
    (
        "frankenphp",
        "FrankenPHP's threads serve one request each, as PHP-FPM's children do: give \
                    --server php-fpm and --workers",
    ),
    (
        "rr serve",
        "RoadRunner's workers serve one request each, as PHP-FPM's children do: give \
                  --server php-fpm and --workers",
    ),
    ("java ", "a server in Java is mostly like Tomcat: give --server tomcat and --threads"),
    ("jetty", "Jetty is like Tomcat: give --server tomcat and --threads"),
    ("undertow", "Undertow is like Tomcat: give --server tomcat and --threads"),
    (
        "dotnet",
        "Kestrel has threads without a lock, as Tomcat does: give --server tomcat and \
                --threads",
    ),
    ("cheroot", "Cheroot is like Waitress: give --server waitress and --threads"),
    ("cherryd", "CherryPy is like Waitress: give --server waitress and --threads"),
    (
        "rqworker",
        "RQ's workers do one job each, as Celery's do: give --server celery and --workers",
    ),
    (
        "rq worker",
        "RQ's workers do one job each, as Celery's do: give --server celery and \
                   --workers",
    ),
    ("dramatiq", "Dramatiq is like Celery: give --server celery and --workers"),
    (
        "resque",
        "Resque's workers do one job each, as Celery's do: give --server celery and \
                --workers",
    ),
    ("good_job", "GoodJob is like Sidekiq: give --server sidekiq and --threads"),
    ("twistd", "Twisted is one event loop, as Daphne is: give --server daphne"),
];

/// What to give for a text that names one of them.
pub(crate) fn hint(text: &str) -> Option<&'static str> {
    ALIKE.iter().find(|(program, _)| text.contains(program)).map(|(_, hint)| *hint)
}
