// Package queue consumes events from RabbitMQ and Kafka.
//
// A message is a JSON object
//
//	{"user_id": "12347", "item_id": "85123A", "ts": 1700000000, "qty": 1, "event_type": "view"}
//
// or an array of such objects. Ids are texts or whole numbers; ts is Unix seconds or a text in
// RFC 3339, and when it is absent the time of arrival; qty is 1 and event_type "purchase" when
// absent. Further names are ignored. What cannot be used (a dead letter) is kept with the
// reason, object by object, and does not hold up the rest.
//
// Messages are taken in batches ([Run]) and acknowledged only when the batch is committed; with
// a sink that knows what it has taken (store.DB.Deliver), a message that is delivered again
// changes nothing. A message is known by its id (RabbitMQ's message-id property) or its place
// (Kafka's topic, partition and offset, with the content, for topics are made anew). A RabbitMQ
// message without an id is known by its content: where every event in it has a ts, two equal
// messages are one; where not, only if the broker says that it delivers again.
package queue
