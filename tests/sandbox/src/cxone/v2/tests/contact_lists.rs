use super::*;

impl Caller {
    async fn list(&self, query: &str) -> (u16, Value) {
        answer(self.request(Method::GET, &format!("{CONTACTS}?{query}"))).await
    }
}

fn ids(page: &Value) -> Vec<&str> {
    let contacts = page["data"].as_array().expect("an array").iter();
    contacts.map(|contact| contact["id"].as_str().expect("an id")).collect()
}

fn numbered(index: usize) -> (String, Option<String>) {
    (index.to_string(), Some("Europe/London".to_owned()))
}

#[tokio::test]
async fn a_contact_is_returned_with_its_zone_as_it_was_set() {
    let caller = Caller::new().await;
    let zones = [Some("Asia/Kolkata"), Some(""), None];
    let contacts = zones.iter().zip(["a", "b", "c"]);
    let contacts = contacts.map(|(zone, id)| (id.to_owned(), zone.map(str::to_owned))).collect();
    caller.cxone.set_contact_list("spring", ContactList::of(contacts));
    let expected = json!({
        "data": [
            { "id": "a", "timezone": "Asia/Kolkata" },
            { "id": "b", "timezone": "" },
            { "id": "c" },
        ],
        "page": 1,
        "totalPages": 1,
    });
    assert_eq!(caller.list("campaignId=spring").await, (200, expected));
}

#[tokio::test]
async fn a_campaign_without_contacts_has_one_empty_page() {
    let caller = Caller::new().await;
    let empty = json!({ "data": [], "page": 1, "totalPages": 1 });
    assert_eq!(caller.list("campaignId=any").await, (200, empty));
}

#[tokio::test]
async fn every_contact_is_on_one_page() {
    let caller = Caller::new().await;
    caller.cxone.set_contact_list("spring", ContactList::generated(250, numbered));
    let mut seen = Vec::new();
    for page in 1..=3 {
        let (_, page) = caller.list(&format!("campaignId=spring&page={page}")).await;
        assert_eq!(page["totalPages"], 3);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
    }
    assert!(seen.into_iter().eq((0..250).map(|index| index.to_string())));
    let beyond = json!({ "data": [], "page": 4, "totalPages": 3 });
    assert_eq!(caller.list("campaignId=spring&page=4").await, (200, beyond));
}

#[tokio::test]
async fn only_the_contacts_of_the_page_are_made() {
    let caller = Caller::new().await;
    let wanted = |index| {
        assert!(index >= 999_000, "contact {index} is on another page");
        numbered(index)
    };
    caller.cxone.set_contact_list("spring", ContactList::generated(1_000_000, wanted));
    let (_, last) = caller.list("campaignId=spring&page=1000&pageSize=1000").await;
    assert_eq!(last["totalPages"], 1000);
    let ids = ids(&last);
    assert_eq!((ids.len(), ids[999]), (1000, "999999"));
}

#[tokio::test]
async fn a_page_that_makes_no_sense_is_refused_with_the_reason() {
    let caller = Caller::new().await;
    for (query, message) in [
        ("page=1", "campaignId"),
        ("campaignId=spring&page=0", "page must be"),
        ("campaignId=spring&page=one", "page"),
        ("campaignId=spring&pageSize=0", "pageSize must be"),
        ("campaignId=spring&pageSize=1001", "pageSize must be"),
    ] {
        let (status, body) = caller.list(query).await;
        let reply = body["message"].as_str().expect("a message");
        assert!(status == 400 && reply.contains(message), "{query}: {status} {reply}");
    }
    assert_eq!(caller.cxone.calls("listContacts"), 5);
}
