//! What stands before all operations: tokens, headers, versions, roles, faults and errors.

use super::*;
use crate::cxone::{CLIENT_ID, CLIENT_SECRET};

fn contact() -> Ask {
    get(&format!("/contacts/{CONTACT}"))
}

fn password() -> Value {
    json!({
        "grant_type": "password", "username": ACCESS_KEY_ID, "password": ACCESS_KEY_SECRET,
    })
}

impl Caller {
    fn inject(&self, fault: &str) {
        self.cxone.faults.add(fault.parse().expect(fault));
    }

    /// Gets a token with a form, and with the client in the header if told.
    async fn token(&self, form: &Value, client: Option<(&str, &str)>) -> Reply {
        let url = format!("{}/auth/token", self.cxone.url());
        let mut request = self.http.post(url).header("accept", "application/json").form(form);
        if let Some((id, secret)) = client {
            // Each is percent-encoded before it goes into the header.
            let encoded = |text: &str| {
                let pairs = reqwest::Url::parse_with_params("http://a", [("", text)]);
                let query = pairs.expect("a URL").query().expect("a query").to_owned();
                query.trim_start_matches('=').to_owned()
            };
            request = request.basic_auth(encoded(id), Some(encoded(secret)));
        }
        reply(request).await
    }
}

#[tokio::test]
async fn a_token_is_given_to_a_user_by_way_of_a_client_in_the_header_or_the_form() {
    let mut caller = Caller::prepared().await;
    let mut form = password();
    let in_header = caller.token(&form, Some((CLIENT_ID, CLIENT_SECRET))).await;
    assert_eq!(in_header.status, 200, "{in_header:?}");
    assert_eq!(in_header.at("/expires_in"), 1800);
    form["client_id"] = json!(CLIENT_ID);
    form["client_secret"] = json!(CLIENT_SECRET);
    let in_form = caller.token(&form, None).await;
    for reply in [in_header, in_form] {
        reply.at("/access_token").as_str().expect("a token").clone_into(&mut caller.token);
        assert_eq!(caller.ask(&contact()).await.status, 200);
    }
}

#[tokio::test]
async fn a_tenant_may_read_the_client_in_one_place_alone() {
    let caller = Caller::new().await;
    let mut form = password();
    let in_header = Some((CLIENT_ID, CLIENT_SECRET));
    caller.change_traits(&json!({ "tokens": { "client": "form" } }));
    assert_eq!(caller.token(&form, in_header).await.at("/error"), "invalid_client");
    caller.change_traits(&json!({ "tokens": { "client": "header" } }));
    assert_eq!(caller.token(&form, in_header).await.status, 200);
    form["client_id"] = json!(CLIENT_ID);
    form["client_secret"] = json!(CLIENT_SECRET);
    assert_eq!(caller.token(&form, None).await.status, 401);
}

#[tokio::test]
async fn wrong_credentials_get_no_token() {
    let caller = Caller::new().await;
    let wrong = caller.token(&password(), Some((CLIENT_ID, "wrong"))).await;
    assert_eq!((wrong.status, wrong.at("/error")), (401, json!("invalid_client")));
    let mut form = password();
    form["password"] = json!("wrong");
    let wrong = caller.token(&form, Some((CLIENT_ID, CLIENT_SECRET))).await;
    assert_eq!((wrong.status, wrong.at("/error")), (400, json!("invalid_grant")));
    let key = json!({ "accessKeyId": ACCESS_KEY_ID, "accessKeySecret": "wrong" });
    let ask = post("//authentication/v1/token/access-key", key);
    assert_eq!(caller.ask_described(&ask).await.status, 401);
}

#[tokio::test]
async fn a_refresh_token_gets_another_token() {
    let caller = Caller::new().await;
    let client = Some((CLIENT_ID, CLIENT_SECRET));
    let refresh_token = caller.token(&password(), client).await.at("/refresh_token");
    let form = json!({ "grant_type": "refresh_token", "refresh_token": refresh_token });
    assert_eq!(caller.token(&form, client).await.status, 200);
    let form = json!({ "grant_type": "refresh_token", "refresh_token": "another" });
    assert_eq!(caller.token(&form, client).await.at("/error"), "invalid_grant");
}

#[tokio::test]
async fn a_token_ends_with_the_secret_with_its_time_or_before() {
    let mut caller = Caller::prepared().await;
    caller.cxone.rotate_secret("another");
    assert_eq!(caller.ask_described(&contact()).await.status, 401);
    caller.renew().await;
    assert_eq!(caller.ask(&contact()).await.status, 200);
    caller.inject("contact:expire-tokensx1");
    assert_eq!(caller.ask(&contact()).await.status, 401);
    caller.change_traits(&json!({ "tokens": { "usesMax": 2 } }));
    caller.renew().await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(caller.ask(&contact()).await.status);
    }
    assert_eq!(statuses, [200, 200, 401]);
}

#[tokio::test]
async fn a_new_token_ends_the_one_before_where_there_is_one_at_a_time() {
    let mut caller = Caller::prepared().await;
    let first = caller.token.clone();
    caller.renew().await;
    let last = std::mem::replace(&mut caller.token, first.clone());
    assert_eq!(caller.ask(&contact()).await.status, 200);
    caller.token = last;
    caller.change_traits(&json!({ "tokens": { "manyAtOnce": false } }));
    caller.renew().await;
    assert_eq!(caller.ask(&contact()).await.status, 200);
    caller.token = first;
    assert_eq!(caller.ask(&contact()).await.status, 401);
}

#[tokio::test]
async fn a_token_of_the_other_api_is_worth_nothing_here() {
    let mut caller = Caller::prepared().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ];
    let url = format!("{}/oauth/token", caller.cxone.url());
    let token = reply(caller.http.post(url).form(&form)).await.at("/access_token");
    token.as_str().expect("a token").clone_into(&mut caller.token);
    assert_eq!(caller.ask(&contact()).await.status, 401);
}

#[tokio::test]
async fn what_is_told_of_a_token_depends_on_the_tenant() {
    let caller = Caller::new().await;
    let client = Some((CLIENT_ID, CLIENT_SECRET));
    assert!(caller.token(&password(), client).await.at("/id_token").is_string());
    caller.change_traits(&json!({ "tokens": { "expiresIn": false, "idToken": false } }));
    let reply = caller.token(&password(), client).await;
    assert!(reply.at("/expires_in").is_null() && reply.at("/id_token").is_null(), "{reply:?}");
}

#[tokio::test]
async fn a_request_without_accept_is_not_answered_with_json() {
    let caller = Caller::prepared().await;
    // reqwest adds the header, so this goes without it.
    let bare = || hyper_request(&caller, None);
    let named = || hyper_request(&caller, Some("application/json"));
    let any = || hyper_request(&caller, Some("*/*"));
    let empty = || hyper_request(&caller, Some(""));
    for (accept, expected) in [
        ("any", [true; 4]),
        ("anyHeader", [false, false, true, true]),
        ("jsonNamed", [false, false, false, true]),
    ] {
        caller.change_traits(&json!({ "wire": { "accept": accept } }));
        let answers = [bare().await, empty().await, any().await, named().await];
        assert_eq!(answers.map(|it| it.contains("contactId")), expected, "{accept}");
    }
}

/// The answer to a request with exactly these headers.
async fn hyper_request(caller: &Caller, accept: Option<&str>) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = caller.cxone.url().replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(&address).await.expect("a connection");
    let accept = accept.map(|accept| format!("Accept: {accept}\r\n")).unwrap_or_default();
    let (path, token) = (contact().path, &caller.token);
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n{accept}\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn versions_are_served_from_the_oldest_to_the_newest() {
    let caller = Caller::prepared().await;
    for (version, expected) in [(3, 404), (4, 200), (34, 200), (35, 404)] {
        for base in ["incontactapi", "InContactAPI", "inContactAPI"] {
            let path = format!("//{base}/services/v{version}.0/contacts/{CONTACT}");
            assert_eq!(caller.ask(&get(&path)).await.status, expected, "{path}");
        }
    }
    let rows = caller.ask(&get("/apiversion?searchUriText=scheduled-callbacks&verb=post")).await;
    let versions = rows.at("/apiInfo");
    let versions: Vec<&Value> =
        versions.as_array().expect("rows").iter().map(|row| &row["version"]).collect();
    assert!(versions.len() == 31 && *versions[0] == 4 && *versions[30] == 34, "{versions:?}");
}

#[tokio::test]
async fn an_operation_may_have_fewer_versions_than_others() {
    let caller = Caller::prepared().await;
    caller.cxone.tenant().newest_versions.insert("contact".to_owned(), 20);
    for (version, expected) in [(4, 200), (20, 200), (21, 404)] {
        let path = format!("//incontactapi/services/v{version}.0/contacts/{CONTACT}");
        assert_eq!(caller.ask(&get(&path)).await.status, expected, "{path}");
    }
    let ask = get("/apiversion?searchUriText=/contacts/%7BcontactId%7D&verb=GET");
    let newest = async |version: u32| {
        let reply = caller.ask_described(&ask).await;
        let rows = reply.at("/apiInfo").as_array().cloned().expect("rows");
        let own = rows.iter().filter(|row| {
            row["uri"].as_str().is_some_and(|uri| uri.ends_with("/contacts/{contactId}"))
        });
        own.filter(|row| row["version"] == version).count()
    };
    assert_eq!((newest(20).await, newest(21).await), (1, 0));
    caller.change_traits(&json!({ "wire": { "versionUri": "withBase" } }));
    let reply = caller.ask_described(&ask).await;
    assert_eq!(reply.at("/apiInfo/0/uri"), "incontactapi/services/{version}/contacts/{contactId}");
    caller.change_traits(&json!({ "wire": { "versionUri": "unlisted" } }));
    assert_eq!(caller.ask_described(&ask).await.at("/apiInfo"), json!([]));
}

#[tokio::test]
async fn an_error_has_the_shape_of_the_tenant() {
    let caller = Caller::prepared().await;
    let unknown = get("/contacts/1");
    for (shape, pointer) in [
        ("errorDescription", "/errorDescription"),
        ("errorUnderscoreDescription", "/error_description"),
        ("message", "/message"),
    ] {
        caller.change_traits(&json!({ "wire": { "errors": shape } }));
        assert_eq!(caller.ask_described(&unknown).await.at(pointer), "no such contact");
    }
    caller.change_traits(&json!({ "wire": { "errors": "headerAlone" } }));
    let reply = caller.ask_described(&unknown).await;
    assert_eq!((reply.status, &reply.body), (404, &None));
    assert_eq!(reply.description.as_deref(), Some("no such contact"));
    let reply = caller.ask_described(&post("//dfo/3.0/channels/none/outbound", asks::text())).await;
    assert_eq!((reply.status, reply.at("/errors/0/message")), (404, json!("no such channel")));
}

#[tokio::test]
async fn every_operation_can_be_forbidden() {
    let caller = Caller::prepared().await;
    let with_roles = Contract::get().operations.iter().filter(|it| it.auth == Auth::Bearer);
    let forbidden: Vec<&str> = with_roles.map(|it| it.id.as_str()).collect();
    let asks = asks::all(&caller).await;
    caller.change_traits(&json!({ "wire": { "forbidden": forbidden } }));
    for ask in asks.iter().filter(|ask| !ask.path.starts_with("/auth")) {
        if description::operation_of(ask).auth == Auth::Bearer {
            assert_eq!(caller.ask_described(ask).await.status, 403, "{ask:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_is_not_valid_may_be_answered_with_403_and_an_error_with_a_page() {
    let mut caller = Caller::prepared().await;
    caller.token = "another".to_owned();
    assert_eq!(caller.ask_described(&contact()).await.status, 401);
    let change = json!({ "wire": { "badToken": "forbidden", "errors": "page" } });
    caller.change_traits(&change);
    let reply = caller.ask(&contact()).await;
    assert_eq!((reply.status, reply.body), (403, None), "it is no JSON");
}

#[tokio::test]
async fn faults_strike_by_the_name_of_the_operation_and_in_the_shape_of_the_tenant() {
    let caller = Caller::prepared().await;
    for fault in ["contact:401x1", "contact:429=7x1", "contact:429-barex1", "contact:503x1"] {
        caller.inject(fault);
    }
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(caller.ask(&contact()).await.status);
    }
    assert_eq!(statuses, [401, 429, 429, 503, 200]);
    assert_eq!(caller.cxone.calls("contact"), 5);
    assert_eq!(caller.cxone.calls("dncGroups"), 0);
}

#[tokio::test]
async fn an_answer_can_be_lost_or_be_a_gateways_after_the_work_was_done() {
    let caller = Caller::prepared().await;
    let create = post("/scheduled-callbacks", asks::callback(&caller));
    caller.inject("createCallback:504-afterx1");
    assert_eq!(caller.ask(&create).await.status, 504);
    caller.inject("createCallback:drop-afterx1");
    assert!(caller.request(&create).send().await.is_err());
    caller.inject("createCallback:504x1");
    assert_eq!(caller.ask(&create).await.status, 504);
    assert_eq!(caller.cxone.tenant().callbacks.len(), 2);
}

#[tokio::test]
async fn traits_are_read_and_changed_over_http() {
    let caller = Caller::new().await;
    let url = format!("{}/simulator/traits", caller.cxone.url());
    let change = json!({ "callbacks": { "notesMax": 50, "agent": "omitted" } });
    let changed = reply(caller.http.patch(&url).json(&change)).await;
    assert_eq!((changed.status, changed.at("/callbacks/agent")), (200, json!("omitted")));
    assert_eq!(reply(caller.http.get(&url)).await.at("/callbacks/notesMax"), 50);
    let more = json!({ "callbacks": { "listedAfterS": 3 } });
    let changed = reply(caller.http.patch(&url).json(&more)).await;
    assert_eq!(changed.at("/callbacks/notesMax"), 50, "those that are not named stay");
    for wrong in [
        json!({ "callbacks": { "agents": "omitted" } }),
        json!({ "callbacks": { "agent": "perhaps" } }),
        json!({ "calls": {} }),
    ] {
        assert_eq!(reply(caller.http.patch(&url).json(&wrong)).await.status, 422, "{wrong}");
    }
    assert_eq!(reply(caller.http.get(&url)).await.at("/callbacks"), changed.at("/callbacks"));
}

#[tokio::test]
async fn a_contact_is_added_over_http_under_a_number() {
    let caller = Caller::new().await;
    let url = format!("{}/simulator/contacts", caller.cxone.url());
    let add = async |id: &str| {
        let contact = json!({ "id": id, "phone": NUMBER });
        reply(caller.http.post(&url).json(&contact)).await.status
    };
    assert_eq!((add("800001").await, add("contact-1").await), (201, 422));
    assert_eq!(caller.ask(&contact()).await.at("/contactId/toAddress"), "2025550142");
}
