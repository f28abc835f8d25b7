use serde_json::json;

use super::*;

fn text(response: &Response<Body>) -> &str {
    std::str::from_utf8(response.body()).expect("JSON is UTF-8")
}

#[test]
fn a_problem_reads_as_rfc_9457_says() {
    let problem = Problem::unprocessable("invalid_request", "2 fields are not acceptable")
        .with_errors(vec![
            FieldProblem { field: "phoneNumber", detail: "is not a phone number".into() },
            FieldProblem { field: "requestedEnd", detail: "lies in the past".into() },
        ]);
    let response = Response::from(problem);
    assert_eq!(response.status(), 422);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(
        text(&response),
        r#"{"title":"Unprocessable Entity","status":422,"code":"invalid_request","#.to_owned()
            + r#""detail":"2 fields are not acceptable","errors":["#
            + r#"{"field":"phoneNumber","detail":"is not a phone number"},"#
            + r#"{"field":"requestedEnd","detail":"lies in the past"}]}"#
    );
}

#[test]
fn a_problem_without_a_list_has_no_errors_member() {
    let response = Response::from(Problem::bad_request("malformed_json", "no JSON"));
    assert_eq!(
        text(&response),
        r#"{"title":"Bad Request","status":400,"code":"malformed_json","detail":"no JSON"}"#
    );
    assert!(!response.headers().contains_key("retry-after"));
}

#[test]
fn retry_after_is_rounded_up_so_that_nobody_comes_back_too_early() {
    for (wait_ms, seconds) in [(0, "0"), (1, "1"), (1_000, "1"), (1_001, "2")] {
        let problem =
            Problem::unavailable("busy", "later").retry_after(Duration::from_millis(wait_ms));
        assert_eq!(Response::from(problem).headers()["retry-after"], seconds);
    }
}

type Constructor = fn(&'static str, &'static str) -> Problem;

#[test]
fn every_constructor_has_the_status_of_an_error() {
    let constructors: [(Constructor, u16); 10] = [
        (Problem::bad_request, 400),
        (Problem::unauthorized, 401),
        (Problem::not_found, 404),
        (Problem::conflict, 409),
        (Problem::too_large, 413),
        (Problem::unsupported_media_type, 415),
        (Problem::unprocessable, 422),
        (Problem::internal, 500),
        (Problem::bad_gateway, 502),
        (Problem::unavailable, 503),
    ];
    for (constructor, status) in constructors {
        let problem = constructor("code", "detail");
        assert_eq!(problem.status(), status);
        assert_eq!(Response::from(problem).status(), status);
    }
}

#[test]
fn a_401_names_the_scheme() {
    let response = Response::from(Problem::unauthorized("unauthenticated", "no"));
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
}

#[test]
fn a_success_is_plain_json() {
    let reply = Reply::ok(&json!({ "status": "accepted" }), "accepted", Count::Accepted);
    assert_eq!((reply.outcome(), reply.count()), ("accepted", Count::Accepted));
    let response = Response::from(reply);
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(text(&response), r#"{"status":"accepted"}"#);
    let created = Reply::created(&json!({}), "accepted", Count::Accepted);
    assert_eq!(Response::from(created).status(), 201);
}
