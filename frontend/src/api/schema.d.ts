/** Generated from upload-service/openapi.json by `npm run types`. Do not edit. */

export interface paths {
    "/deploy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deploy a repository
         * @description As the Node system had it. Validated, recorded and queued before the answer; the clone goes on after it.
         */
        post: operations["classicDeploy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process is up, as the Node system said it */
        get: operations["classicHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process is up */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics for Prometheus */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Able to work, check by check */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say where a deployment stands
         * @description As the Node system had it: an unknown id has the status `null`.
         */
        get: operations["classicStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List deployments, newest first */
        get: operations["listDeployments"];
        put?: never;
        /**
         * Deploy a repository or an archive
         * @description Recorded and queued before the answer; the build goes on after it. An archive takes the options of `build` in the
         *     query, `env.<NAME>` for each variable.
         */
        post: operations["createDeployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a deployment */
        get: operations["showDeployment"];
        put?: never;
        post?: never;
        /**
         * Delete a deployment
         * @description One that has not ended is cancelled first; while it is still dying the answer is 409.
         */
        delete: operations["deleteDeployment"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/builds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List attempts and redeploys */
        get: operations["listBuilds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a deployment
         * @description Waits up to two seconds for the end.
         */
        post: operations["cancelDeployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the published files */
        get: operations["listFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/files/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download a published file
         * @description Always as an attachment, and never with the type that visitors of the site get.
         */
        get: operations["downloadFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read or follow a log
         * @description `text/event-stream`, `application/x-ndjson` or `text/plain` by `Accept`, or a WebSocket: history first, and with
         *     `follow` what comes after it (an event stream and a WebSocket follow unless told otherwise). Every line comes once
         *     and in order; whoever was cut off goes on with `from`, or with `Last-Event-ID`.
         *
         *     * Event stream: `id: <seq>`, `event: line`, `data:` a `LogLine`; at the end `event: end`, `data:` a `LogEnd`, without an
         *       id. A comment every 15 s.
         *     * WebSocket (`Upgrade: websocket`): each message is one text, a `LogEvent`: `{"event":"line","data":{…}}`, and last
         *       `{"event":"end","data":{"status":"deployed"}}`, closed with 1000. Closed with 1001 the service stops, with 1011 the log
         *       could not be read on: come back in both cases. Pings are sent and answered; nothing else is expected of the client.
         *     * `application/x-ndjson`: a `LogLine` on each line. `text/plain`: the texts alone.
         */
        get: operations["readLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/redeploy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deploy the same source again
         * @description The new deployment has the snapshot, and what was asked of the build, of the earlier one.
         */
        post: operations["redeploy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow everything that changes
         * @description The stream begins with `event: reset`, `data: {}`: read what you show, then apply what follows. `event: deployment` has
         *     a `DeploymentChanged` as its data, `event: deleted` a `DeploymentDeleted`. Each has an id, `<epoch>-<n>`; who comes back
         *     with it as `Last-Event-ID` goes on there, and is told `reset` again when it is not known any more. A comment every 15 s.
         */
        get: operations["followEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["showOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/server": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Say what this server is and can do */
        get: operations["showServer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in
         * @description The session is an `HttpOnly` cookie, so that no page ever holds the token.
         */
        post: operations["signIn"];
        /** Sign out */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Format: binary
         * @description Bytes as they are.
         */
        Binary: string;
        /** @description One taking of a deployment by a worker that builds. */
        BuildAttempt: {
            /**
             * Format: int32
             * @description Which attempt it was, from 1; a claim that was given back unspent has the number of the one after it.
             */
            attempt: number;
            /** @description The claim's number. */
            claim: components["schemas"]["ClaimNumber"];
            /** @description When. */
            startedAt: components["schemas"]["Timestamp"];
            /** @description Who took it. */
            worker: components["schemas"]["WorkerId"];
        };
        /**
         * @description Options of a build as the request, the project or `shipstack.toml` give them. All are data for the sandbox;
         *     nothing here is ever put into a command on the host.
         */
        BuildOptions: {
            /** @description The build command, for a shell in the sandbox. */
            command?: string | null;
            directory?: components["schemas"]["RelPath"] | null;
            /** @description What the build may ask of the network, where that is tighter than what the operator lets builds do. */
            egress?: components["schemas"]["EgressOptions"];
            /** @description Variables of install and build. */
            env?: {
                [key: string]: string;
            };
            /** @description The install command, for a shell in the sandbox. */
            install?: string | null;
            /** @description The Node major, such as `22`. */
            node?: string | null;
            output?: components["schemas"]["RelPath"] | null;
        };
        /** @description The attempts of a deployment, and the deployments made from its snapshot. */
        Builds: {
            /** @description Oldest first; the last hundred. */
            attempts: components["schemas"]["BuildAttempt"][];
            /** @description Newest first; the last hundred. */
            redeploys: components["schemas"]["Deployment"][];
        };
        /** @description One event of the stream of changes: the name is the value of `event:`, the rest that of `data:`. */
        ChangeEvent: {
            /** @description Read what you show anew, then apply what follows. */
            data: components["schemas"]["Nothing"];
            /** @enum {string} */
            event: "reset";
        } | {
            /** @description A deployment came to be, or changed. */
            data: components["schemas"]["DeploymentChanged"];
            /** @enum {string} */
            event: "deployment";
        } | {
            /** @description A deployment is gone for ever. */
            data: components["schemas"]["DeploymentDeleted"];
            /** @enum {string} */
            event: "deleted";
        };
        /** @description One thing that has to work for a process to be able to work. */
        Check: {
            /** @description What was seen. */
            detail: string;
            /** @description What is looked at: `redis`, `store`, `docker`. */
            name: string;
            /** @description Whether it works. */
            ok: boolean;
            /** @description What to do about it. */
            remedy?: string | null;
        };
        /** @description The number of a claim: one taking of a job by a worker, never reused. */
        ClaimNumber: number;
        /** @description The new deployment. */
        ClassicAccepted: {
            id: components["schemas"]["DeploymentId"];
        };
        /** @description The process is up. */
        ClassicHealth: {
            /** @description `ok`. */
            status: string;
            timestamp: components["schemas"]["Timestamp"];
        };
        /** @description A refusal of a classic route: the Node system's shape, with ours added. */
        ClassicProblem: {
            code: components["schemas"]["Code"];
            /** @description What is wrong. */
            error: string;
            id?: components["schemas"]["DeploymentId"] | null;
            /** @description What did not work: `Deployment failed`, `Status failed`. */
            message: string;
            /** @description What to do. */
            remedy: string;
            /** @description The id under which it stands in the server's log. */
            requestId: string;
        };
        /** @description A repository. Fields that we do not know are let be: the Node system's clients may send them. */
        ClassicRequest: {
            /** @description Its http or https URL; `repoUrl`, `repo_url` and `url` are taken too. */
            repourl: string | null;
        };
        /** @description Where a deployment stands. Fields may be added, none is ever removed. */
        ClassicStatus: {
            /** @description Why it failed. */
            error?: string | null;
            phase?: components["schemas"]["Phase"] | null;
            /**
             * Format: int64
             * @description Its place in the queue, from 1, while it waits.
             */
            queuePosition?: number | null;
            status?: components["schemas"]["DeploymentState"] | null;
            /** @description Where it is, or will be, served. */
            url?: string | null;
        };
        /**
         * @description A failure or problem code.
         * @enum {string}
         */
        Code: "invalid_json" | "invalid_url" | "scheme_not_allowed" | "credentials_in_url" | "address_not_allowed" | "invalid_ref" | "invalid_option" | "body_too_large" | "unsupported_media_type" | "path_escape" | "entry_type" | "archive_limit" | "key_reused" | "unauthorized" | "foreign_origin" | "not_found" | "too_late" | "conflict" | "rate_limited" | "redis_unavailable" | "store_unavailable" | "git_host_not_found" | "git_unreachable" | "git_repository_not_found" | "git_auth_required" | "git_ref_not_found" | "git_empty" | "clone_timeout" | "source_too_large" | "source_missing" | "no_site" | "server_app" | "toolchain_unavailable" | "install_failed" | "build_failed" | "build_silent" | "build_timeout" | "out_of_memory" | "disk_limit" | "egress_denied" | "output_missing" | "output_empty" | "output_refused" | "engine_unavailable" | "engine_permission_denied" | "image_missing" | "worker_lost" | "queue_timeout" | "superseded" | "method_not_allowed" | "request_timeout" | "host_not_allowed" | "internal" | "overloaded" | "project_invalid" | "directory_missing" | "source_corrupt" | "publish_timeout" | "disk_full";
        /** @description Everything known of a deployment. */
        Deployment: {
            /**
             * Format: int32
             * @description The attempt, from 1; 0 before the first.
             */
            attempt: number;
            /**
             * Format: int64
             * @description Bytes of all artifacts.
             */
            bytes: number | null;
            /** @description When it was accepted. */
            createdAt: components["schemas"]["Timestamp"];
            egress?: components["schemas"]["EgressReceipt"] | null;
            endedAt: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description How long it will probably wait for its build, counted from this answer; `None` when it does not wait for one, when
             *     too little is known to say so, and in lists.
             */
            estimatedWaitMs: number | null;
            failure: components["schemas"]["Failure"] | null;
            /**
             * Format: int64
             * @description Number of artifacts.
             */
            files: number | null;
            /** @description The deployment. */
            id: components["schemas"]["DeploymentId"];
            parent: components["schemas"]["DeploymentId"] | null;
            phase: components["schemas"]["Phase"] | null;
            /** @description Phase timings so far. */
            phases: components["schemas"]["PhaseTiming"][];
            plan: components["schemas"]["PlanView"] | null;
            /** @description The project, when it belongs to one. */
            project: string | null;
            /**
             * Format: int64
             * @description Place in the queue, from 1, while it waits.
             */
            queuePosition: number | null;
            /** @description Its source. */
            source: components["schemas"]["SourceView"];
            /** @description Where it stands. */
            status: components["schemas"]["DeploymentState"];
            /** @description Where it is, or will be, served. */
            url: string;
        };
        /** @description What became of a deployment. */
        DeploymentChanged: {
            id: components["schemas"]["DeploymentId"];
            phase: components["schemas"]["Phase"] | null;
            status: components["schemas"]["DeploymentState"];
        };
        /** @description A deployment that is gone. */
        DeploymentDeleted: {
            id: components["schemas"]["DeploymentId"];
        };
        /**
         * @description The id of a deployment. Ours are 16 characters of Crockford base32, the first a letter.
         * @example k3v9x2m7q4tzb8wd
         */
        DeploymentId: string;
        /** @description Deployments, newest first. */
        DeploymentList: {
            /** @description The deployments; a page that is not the last may hold fewer than were asked for, even none. */
            items: components["schemas"]["Deployment"][];
            /** @description What to ask the next page with; `null` on the last. */
            nextCursor: string | null;
        };
        /**
         * @description Where a deployment stands, as the wire says it. `deployed`, `failed` and `cancelled` are final.
         * @enum {string}
         */
        DeploymentState: "uploading" | "uploaded" | "building" | "deployed" | "failed" | "cancelled";
        /** @description A repository and how to build it. */
        DeployRequest: {
            /** @description How to build it. */
            build?: components["schemas"]["BuildOptions"];
            /** @description The repository. */
            git: components["schemas"]["GitRepository"];
            /** @description The project it belongs to. There are no projects yet: it has to be left out. */
            project?: string | null;
            /**
             * @description Older deployments of the same repository, `ref` and `build.directory` that still wait for their source or their build
             *     end as `failed` with `superseded`; what is being built already goes on.
             */
            supersede?: boolean;
        };
        /** @description What a build asked of the network. */
        EgressHost: {
            /** @description Host name or address as the build named it. */
            host: string;
            /**
             * Format: int32
             * @description Port.
             */
            port: number;
            reason?: components["schemas"]["EgressRefusal"] | null;
            /**
             * Format: int64
             * @description Bytes to the build.
             */
            received: number;
            /**
             * Format: int64
             * @description How often it was asked for.
             */
            requests: number;
            /**
             * Format: int64
             * @description Bytes from the build.
             */
            sent: number;
        };
        /** @description What a deployment or a repository wants tighter than the operator has it. */
        EgressOptions: {
            /** @description The only hosts, each as `host` or `host:port`, that the build reaches. */
            hosts?: string[] | null;
            /**
             * Format: int64
             * @description Most bytes that the build receives.
             */
            maxReceivedBytes?: number | null;
            /**
             * Format: int64
             * @description Most bytes that the build sends.
             */
            maxSentBytes?: number | null;
            network?: components["schemas"]["NetworkAccess"] | null;
        };
        /** @description The egress receipt of one claim. */
        EgressReceipt: {
            /** @description Hosts that were reached. */
            allowed: components["schemas"]["EgressHost"][];
            network?: components["schemas"]["NetworkAccess"] | null;
            /** @description Hosts that were refused, each with the rule. */
            refused: components["schemas"]["EgressHost"][];
            /**
             * Format: int64
             * @description Connections to, and refusals of, more hosts than a receipt names.
             */
            unnamed?: number;
        };
        /**
         * @description The rule that refused a build a host.
         * @enum {string}
         */
        EgressRefusal: "host_not_allowed" | "host_not_listed" | "port_not_allowed" | "address_not_allowed" | "network_shut" | "received_cap" | "sent_cap";
        /** @description A failure as stored in the result and sent to clients (contract §6). */
        Failure: {
            /** @description Which one of the table. */
            code: components["schemas"]["Code"];
            /** @description Whose fault it is. */
            fault: components["schemas"]["Fault"];
            /** @description What happened. */
            message: string;
            /** @description What to do. */
            remedy: string;
            /** @description Whether trying the same again can help. */
            retryable: boolean;
            /** @description Where it arose. */
            stage: components["schemas"]["Stage"];
        };
        /**
         * @description Whose fault a failure is. A platform fault is retried, a user's never.
         * @enum {string}
         */
        Fault: "user" | "platform";
        /**
         * @description A branch, tag or full commit hash.
         * @example main
         */
        GitRef: string;
        /** @description A repository, and what of it. */
        GitRepository: {
            /** @description Branch, tag or full commit hash; the default branch without it. */
            ref?: string | null;
            /**
             * @description Its http or https URL.
             * @example https://git.example.org/team/site
             */
            url: string;
        };
        /**
         * @description The http or https URL of a repository.
         * @example https://git.example.org/team/site
         */
        GitUrl: string;
        /** @description Every limit that a deployment may meet. Times are in milliseconds. */
        Limits: {
            /** Format: int64 */
            buildLogMaxBytes: number;
            /** Format: int64 */
            buildSilenceMs: number;
            /** Format: int64 */
            buildTimeoutMs: number;
            /** Format: int64 */
            cloneTimeoutMs: number;
            /** Format: int64 */
            outputMaxBytes: number;
            /** Format: int64 */
            outputMaxFiles: number;
            /** Format: int64 */
            publishTimeoutMs: number;
            /** Format: int64 */
            queueTimeoutMs: number;
            /** Format: int64 */
            sourceMaxBytes: number;
            /** Format: int64 */
            sourceMaxFiles: number;
            /** Format: int64 */
            uploadTimeoutMs: number;
        };
        /** @description How the deployment ended whose log is over. */
        LogEnd: {
            status: components["schemas"]["DeploymentState"];
        };
        /**
         * @description One text message of a log's WebSocket, or one event of its event stream: there the name is the value of `event:`, the
         *     rest that of `data:`.
         */
        LogEvent: {
            /** @description A line; its number is the id of the event. */
            data: components["schemas"]["LogLine"];
            /** @enum {string} */
            event: "line";
        } | {
            /** @description The log is over: the last one. */
            data: components["schemas"]["LogEnd"];
            /** @enum {string} */
            event: "end";
        };
        /** @description A kept line. `seq` counts from 1 without a gap over intake and all attempts (contract §6). */
        LogLine: {
            /** @description When it was read. */
            at: components["schemas"]["Timestamp"];
            /**
             * Format: int32
             * @description The attempt it belongs to, from 1.
             */
            attempt: number;
            /** @description The phase it belongs to. */
            phase: components["schemas"]["Phase"];
            /**
             * Format: int64
             * @description Place in the log, from 1.
             */
            seq: number;
            /** @description Where it came from. */
            stream: components["schemas"]["LogStream"];
            /** @description The line without its end; at most 64 KiB, valid UTF-8 (broken bytes become U+FFFD). */
            text: string;
        };
        /**
         * @description Where a line came from. Typed, so that a build cannot print a line of ours.
         * @enum {string}
         */
        LogStream: "system" | "git" | "stdout" | "stderr";
        /** @description Everything a deployment serves, sorted by path. A path is visible only through the manifest that the result names. */
        Manifest: {
            /** @description The artifacts, sorted by path, each once. */
            entries: components["schemas"]["ManifestEntry"][];
            /** @description Digest over all entries: equal sites have equal roots. */
            root: components["schemas"]["Sha256Digest"];
            /** @description The rules. */
            rules: components["schemas"]["SiteRules"];
        };
        /** @description One artifact. */
        ManifestEntry: {
            /**
             * Format: int64
             * @description Size in bytes.
             */
            bytes: number;
            /** @description The content type that visitors get. */
            contentType: string;
            /** @description The path in the site. */
            path: components["schemas"]["RelPath"];
            /** @description Digest of the bytes. */
            sha256: components["schemas"]["Sha256Digest"];
        };
        /**
         * @description When a build has a network. Ordered: the smaller one is the tighter one.
         * @enum {string}
         */
        NetworkAccess: "none" | "install-only" | "open";
        /** @description An object without fields. */
        Nothing: Record<string, never>;
        /**
         * @description A package manager and its major version.
         * @example npm@10
         */
        PackageManager: string;
        /**
         * @description A phase of a deployment, set only by the lease holder (contract §6).
         * @enum {string}
         */
        Phase: "queued" | "cloning" | "snapshotting" | "retrying" | "preparing" | "restoring" | "installing" | "building" | "collecting" | "storing" | "publishing";
        /** @description When a phase began and ended; one entry for each time it was entered. */
        PhaseTiming: {
            endedAt: components["schemas"]["Timestamp"] | null;
            /** @description Which phase. */
            phase: components["schemas"]["Phase"];
            /** @description When it was entered. */
            startedAt: components["schemas"]["Timestamp"];
        };
        /** @description What was, or will be, done to build a deployment (contract §6). */
        PlanView: {
            /** @description The build command; `null` for a static site, which is published as it is. */
            command: string | null;
            /** @description The folder of the project, from the root of the source. */
            directory: components["schemas"]["RelPath"];
            framework: components["schemas"]["String"] | null;
            /** @description The install command, when there is something to install. */
            install: string | null;
            /** @description The Node major, such as `22`; `null` for a static site. */
            node: string | null;
            /** @description What a person should know about the choice: no lockfile, an ignored file. */
            notes: string[];
            /** @description The folder that is published: from `directory` for a build, from the root of the source for a static site. */
            output: components["schemas"]["RelPath"];
            packageManager: components["schemas"]["PackageManager"] | null;
        };
        /** @description A refusal as `application/problem+json` (RFC 9457). */
        ProblemDocument: {
            /** @description Which one of the table. */
            code: components["schemas"]["Code"];
            deployment?: components["schemas"]["DeploymentId"] | null;
            /** @description What happened. */
            detail: string;
            /** @description What to do. */
            remedy: string;
            /** @description The id under which it stands in the server's log. */
            requestId: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The code in words. */
            title: string;
            /** @description `urn:shipstack:problem:<code>`. */
            type: string;
        };
        /** @description Whether the process is able to work, check by check. */
        Readiness: {
            checks: components["schemas"]["Check"][];
            /** @description `ok` or `failing`. */
            status: string;
        };
        /** @description A path below some folder, without `.`, `..` or empty segments; empty for the folder itself. */
        RelPath: string;
        /** @description An installation. */
        Server: {
            /** @description What can be done: `git`, `archive`, `cancel` …; there may be more later. */
            abilities: string[];
            /** @description The checks of `/readyz`. */
            checks: components["schemas"]["Check"][];
            limits: components["schemas"]["Limits"];
            /** @description Whether all checks are fine. */
            ready: boolean;
            serving: components["schemas"]["Serving"];
            /** @description Whether callers have to show a token. */
            tokenNeeded: boolean;
            /** @description The version of the API's process. */
            version: string;
            /** @description The workers that said so within the last three leases; `null` while the state is out of reach, which knows them. */
            workers?: components["schemas"]["Worker"][] | null;
        };
        /** @description Where deployments are served. */
        Serving: {
            /** @description Each deployment has a host of its own under it. */
            domain: string;
            /** @description The address of a site, with `{host}` for its host name. */
            urlTemplate: string;
        };
        /** @description A session of a browser. */
        Session: {
            expiresAt: components["schemas"]["Timestamp"] | null;
        };
        /** @description A SHA-256 digest. */
        Sha256Digest: string;
        /** @description The token, shown once. */
        SignIn: {
            /**
             * Format: password
             * @description `SHIPSTACK_TOKEN`.
             */
            token: string;
        };
        /** @description The rules frozen into a manifest at publish time. */
        SiteRules: {
            /** @description Whether `/x` serves `x.html` and `x.html` redirects there. */
            cleanUrls: boolean;
            /** @description Single-page fallback. */
            spa: components["schemas"]["SpaMode"];
        };
        /** @description What an uploaded folder or archive is called, to be shown: one line of visible characters. */
        SourceName: string;
        /** @description Where a deployment's source comes from. */
        SourceRequest: {
            /** @enum {string} */
            kind: "git";
            ref?: components["schemas"]["GitRef"] | null;
            /** @description Its URL. */
            url: components["schemas"]["GitUrl"];
        } | {
            /** @enum {string} */
            kind: "archive";
            name?: components["schemas"]["SourceName"] | null;
            /** @description Whether it is the finished site, to be published without a build. */
            prebuilt?: boolean;
        } | {
            /** @enum {string} */
            kind: "adopted";
        };
        /** @description The source as far as it is known: what was asked for, and once it is stored what it was. */
        SourceView: components["schemas"]["SourceRequest"] & {
            /**
             * Format: int64
             * @description Bytes of all files.
             */
            bytes: number | null;
            /** @description The commit that was fetched. */
            commit: string | null;
            /**
             * Format: int64
             * @description Number of files.
             */
            files: number | null;
            /** @description What was left out or changed. */
            warnings?: string[];
        };
        /**
         * @description When a missing path gets the site's own page (serving.md §1, step 8).
         * @enum {string}
         */
        SpaMode: "auto" | "on" | "off";
        /**
         * @description Where a failure arose: a phase, or `api` before there was one.
         * @enum {string}
         */
        Stage: "api" | "queued" | "cloning" | "snapshotting" | "retrying" | "preparing" | "restoring" | "installing" | "building" | "collecting" | "storing" | "publishing";
        String: string;
        /**
         * Format: date-time
         * @description A time in UTC with milliseconds, as in RFC 3339.
         * @example 2026-11-21T21:37:00.120Z
         */
        Timestamp: string;
        /** @description A process that builds. */
        Worker: {
            /** @description Its checks, as of its last heartbeat. */
            checks: components["schemas"]["Check"][];
            id: components["schemas"]["WorkerId"];
            /** @description Whether all its checks were fine. */
            ready: boolean;
            /** @description When that was, by the clock of the state. */
            seenAt: components["schemas"]["Timestamp"];
            /**
             * Format: int32
             * @description Builds it runs at once.
             */
            slots: number;
            version: string;
        };
        /** @description One process, from its start to its end: host and random. */
        WorkerId: string;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    classicDeploy: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat within a day gives the same deployment. */
                "Idempotency-Key"?: string | null;
                /** @description `wait=<seconds>`, at most 60: the answer comes once the source is in. */
                Prefer?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClassicRequest"];
            };
        };
        responses: {
            /** @description It is recorded and queued. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicAccepted"];
                };
            };
            /** @description Not acceptable. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicProblem"];
                };
            };
            /** @description More than 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicProblem"];
                };
            };
            /** @description Not JSON. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicProblem"];
                };
            };
            /** @description With `Prefer: wait`: the source could not be had. Or `key_reused`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicProblem"];
                };
            };
            /** @description Redis or the object store is out of reach. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicProblem"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicProblem"];
                };
            };
        };
    };
    classicHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is up. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicHealth"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is up. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The exposition format. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can work. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description It cannot; the checks say why. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    classicStatus: {
        parameters: {
            query: {
                /** @description The deployment. */
                id: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its word. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicStatus"];
                };
            };
            /** @description The query has no id. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicProblem"];
                };
            };
            /** @description Redis is out of reach. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicProblem"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassicProblem"];
                };
            };
        };
    };
    listDeployments: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before. */
                cursor?: string;
                /** @description At most so many, from 1 to 100; 20 without it. */
                limit?: number;
                /** @description Only those of this project. There are no projects yet, so no deployment has one. */
                project?: string;
                /** @description Only those with this status. */
                status?: "uploading" | "uploaded" | "building" | "deployed" | "failed" | "cancelled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentList"];
                };
            };
            /** @description A filter is not acceptable. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    createDeployment: {
        parameters: {
            query?: {
                /** @description With an archive: the build command. */
                command?: string;
                /** @description With an archive: the folder to build. */
                directory?: string;
                /** @description With an archive: the only hosts that the build reaches, separated by commas. */
                "egress.hosts"?: string;
                /** @description With an archive: most bytes that the build receives. */
                "egress.maxReceivedBytes"?: number;
                /** @description With an archive: most bytes that the build sends. */
                "egress.maxSentBytes"?: number;
                /** @description With an archive: when the build has a network, where that is tighter than the operator's setting. */
                "egress.network"?: components["schemas"]["NetworkAccess"];
                /** @description With an archive: the install command. */
                install?: string;
                /** @description With an archive: what it is called, to be shown; at most 100 characters. */
                name?: string;
                /** @description With an archive: the Node major, such as `22`. */
                node?: string;
                /** @description With an archive: the output folder, from `directory`. */
                output?: string;
                /** @description With an archive: it is the finished site, to be published without a build. */
                prebuilt?: boolean;
            };
            header?: {
                /** @description A repeat within a day gives the same deployment. */
                "Idempotency-Key"?: string | null;
                /** @description `wait=<seconds>`, at most 60: the answer comes once the source is in. */
                Prefer?: string | null;
                /** @description The caller's trace (W3C Trace Context), which the deployment goes on. */
                traceparent?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        /** @description A repository, or an archive of a project. */
        requestBody: {
            content: {
                "application/gzip": components["schemas"]["Binary"];
                "application/json": components["schemas"]["DeployRequest"];
                "application/octet-stream": components["schemas"]["Binary"];
                "application/x-tar": components["schemas"]["Binary"];
                "application/zstd": components["schemas"]["Binary"];
            };
        };
        responses: {
            /** @description It is recorded and queued. */
            202: {
                headers: {
                    /** @description Where it is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deployment"];
                };
            };
            /** @description Something of the request is not acceptable; it is named. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description The body, or the archive in it, is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description The body is of no accepted kind. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description With `Prefer: wait`: the source could not be had. Or `key_reused`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Redis or the object store is out of reach; come back after `Retry-After`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    showDeployment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The deployment. */
                id: components["schemas"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Everything known of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deployment"];
                };
            };
            /** @description Nobody knows it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    deleteDeployment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The deployment. */
                id: components["schemas"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Nobody knows it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description It has not ended yet (`conflict`). */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    listBuilds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The deployment. */
                id: components["schemas"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How often it was tried, and what was made from it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Builds"];
                };
            };
            /** @description Nobody knows it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    cancelDeployment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The deployment. */
                id: components["schemas"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has ended, now or before. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deployment"];
                };
            };
            /** @description It was told and is still dying. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deployment"];
                };
            };
            /** @description Nobody knows it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Another end is decided already (`too_late`). */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    listFiles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The deployment. */
                id: components["schemas"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every file with its size, digest and type. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Manifest"];
                };
            };
            /** @description Nobody knows it, or it published nothing. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    downloadFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The deployment. */
                id: components["schemas"]["DeploymentId"];
                /** @description The file's path in the site; its slashes may stand as they are. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its bytes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": components["schemas"]["Binary"];
                };
            };
            /** @description There is no such deployment or file. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    readLog: {
        parameters: {
            query?: {
                /** @description Whether to wait for what comes after. */
                follow?: boolean;
                /** @description The first line, from 1. */
                from?: number;
            };
            header?: {
                /** @description The last line that was seen; the one after it is the first. */
                "Last-Event-ID"?: number | null;
                /** @description `websocket` for a WebSocket (RFC 6455). */
                Upgrade?: string | null;
            };
            path: {
                /** @description The deployment. */
                id: components["schemas"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A WebSocket whose text messages are these. */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogEvent"];
                };
            };
            /** @description The lines. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["LogLine"];
                    "text/event-stream": components["schemas"]["LogEvent"];
                    "text/plain": string;
                };
            };
            /** @description `from` or `follow` is not acceptable. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Nobody knows the deployment. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description As many logs and events are being read as this service sends at once, or what knows the log is out of reach; come back after `Retry-After`. */
            503: {
                headers: {
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    redeploy: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat within a day gives the same deployment. */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The earlier deployment. */
                id: components["schemas"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new deployment. */
            202: {
                headers: {
                    /** @description Where it is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deployment"];
                };
            };
            /** @description Nobody knows the earlier one. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description The earlier one never got a source. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    followEvents: {
        parameters: {
            query?: {
                /** @description `deployments` for all of them, as without it, or `deployment:<id>` for one. */
                channel?: string;
            };
            header?: {
                /** @description The last event that was seen. */
                "Last-Event-ID"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events, for ever. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ChangeEvent"];
                };
            };
            /** @description `channel` is not acceptable. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description As many logs and events are being read as this service sends at once; come back after `Retry-After`. */
            503: {
                headers: {
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    showOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    showServer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The installation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Signed in. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description This is not the token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Too many wrong tokens from this address; come back after `Retry-After`. */
            429: {
                headers: {
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The browser has no session any more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Any other refusal: its code says which, its remedy what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
}
